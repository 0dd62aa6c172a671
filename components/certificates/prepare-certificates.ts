import type { CertificateItem } from "#lib/contract/certificates.ts";
import type { CertificateState } from "#lib/core/certificate.ts";

import type { State } from "../overview/prepare-state.ts";

/** The shape and color that a certificate is shown with. */
export const markOf: Readonly<Record<CertificateState, State>> = {
  expired: "failing",
  soon: "degraded",
  invalid: "degraded",
  failed: "degraded",
  pending: "quiet",
  valid: "ok",
};

/** Whole days until the end, rounded down; below 0 the days since it, rounded up. */
export function daysLeft(endsAt: string, nowMs: number): number {
  const days = (Date.parse(endsAt) - nowMs) / 86_400_000;
  return days < 0 ? -Math.ceil(-days) : Math.floor(days);
}

/** The certificates whose server, subject, names or issuer hold a text. */
export function findCertificates(
  items: readonly CertificateItem[],
  text: string,
): readonly CertificateItem[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return items;
  return items.filter(({ name, certificate }) =>
    [
      name,
      certificate?.subject ?? "",
      certificate?.issuer ?? "",
      ...(certificate?.names ?? []),
    ].some((part) => part.toLowerCase().includes(wanted)),
  );
}
