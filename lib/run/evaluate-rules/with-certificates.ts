import { targetOfUpstream } from "#lib/core/certificate.ts";
import type { Group } from "#lib/core/measured.ts";
import type { SeenCertificate } from "#lib/store/certificates.ts";

/** What was read longer ago says nothing any more: the certificate may have been renewed since. */
const knownMs = 86_400_000;

/** The groups with the certificates of their upstreams, and a group for each certificate. */
export function withCertificates(
  groups: readonly Group[],
  targets: readonly SeenCertificate[],
  nowMs: number,
): Group[] {
  const certificates = targets.map((target) => groupOf(target, nowMs));
  if (certificates.length === 0) return [...groups];
  const byName = new Map(certificates.map((group) => [group.certificate, group]));
  const known = groups.map((group) => {
    const name = group.upstream === null ? null : targetOfUpstream(group.upstream);
    const found = name === null ? undefined : byName.get(name);
    return found === undefined ? group : { ...group, certificateEndsMs: found.certificateEndsMs };
  });
  return [...known, ...certificates];
}

function groupOf({ name, certificate, seenAt }: SeenCertificate, nowMs: number): Group {
  const isKnown = nowMs - seenAt.getTime() <= knownMs;
  return {
    proxy: "",
    upstream: null,
    certificate: name,
    windows: new Map(),
    lastMs: null,
    unavailableInRow: null,
    clockOffMs: null,
    certificateEndsMs: isKnown ? certificate.endsMs : null,
    certificateIssuer: certificate.issuer,
  };
}
