import type { CertificateItem, CertificatesAnswer } from "#lib/contract/certificates.ts";
import { certificateState, certificateStates, certificateTargetOf } from "#lib/core/certificate.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import { tlsReasons } from "#lib/core/tls-reason.ts";
import type { Database } from "#lib/db/open.ts";
import {
  addTarget,
  hastenCheck,
  removeTarget,
  storedTargets,
  type FoundCertificate,
  type StoredTarget,
} from "#lib/store/certificates.ts";

import { seenTargets } from "./check-certificates.ts";
import { CommandRefused } from "./command-refused.ts";

const targetsMax = 500;

/** Every certificate that is checked, the worst first, and the hosts whose certificates could be. */
export async function readCertificates(
  db: Database,
  question: { readonly project: number; readonly keep?: KeepMs; readonly nowMs: number },
): Promise<CertificatesAnswer> {
  const { project, keep, nowMs } = question;
  const [stored, seen] = await Promise.all([
    storedTargets(db, project),
    seenTargets({ db, project, ...(keep !== undefined && { keep }) }, nowMs),
  ]);
  const known = new Set(stored.map(({ name }) => name));
  return {
    items: stored.map((target) => itemOf(target, nowMs)).toSorted(worstFirst),
    proposed: seen.filter((name) => !known.has(name)),
  };
}

/** Has a server checked from now on; its name as it stands in the list. */
export async function addCertificate(
  db: Database,
  project: number,
  text: string,
  nowMs: number,
): Promise<{ readonly name: string }> {
  const target = certificateTargetOf(text);
  if (target === null) {
    throw new CommandRefused(
      400,
      "Write a host as host, host:port or name@host:port, such as goproxy.example.com:8443.",
    );
  }
  if (!(await addTarget(db, project, target.name, { nowMs, targetsMax }))) {
    throw new CommandRefused(
      409,
      `There are ${targetsMax} certificates already: remove some first.`,
    );
  }
  return { name: target.name };
}

/** Checks a server no more; for those that a setting or the traffic names it says where they come from. */
export async function forgetCertificate(
  db: Database,
  project: number,
  name: string,
): Promise<{ readonly name: string }> {
  if (await removeTarget(db, project, name)) return { name };
  const target = (await storedTargets(db, project)).find((one) => one.name === name);
  if (target === undefined) throw missing();
  throw new CommandRefused(
    409,
    target.origin === "setting"
      ? "It stands in VIASCOPE_CERTIFICATE_TARGETS: take it out there."
      : "Proxies ask it, and VIASCOPE_CERTIFICATE_UPSTREAMS is on: it would come back.",
  );
}

/** Has a server checked within seconds. */
export async function checkSoon(
  db: Database,
  project: number,
  name: string,
  nowMs: number,
): Promise<{ readonly name: string }> {
  if (!(await hastenCheck(db, project, name, nowMs))) throw missing();
  return { name };
}

function missing(): CommandRefused {
  return new CommandRefused(404, "There is no such certificate in the list.");
}

function itemOf(target: StoredTarget, nowMs: number): CertificateItem {
  const { name, origin, problem, distrust, certificate, changes } = target;
  const facts = {
    checkedAtMs: target.checkedAt?.getTime() ?? null,
    problem,
    distrust,
    endsMs: certificate?.endsMs ?? null,
  };
  return {
    name,
    origin,
    state: certificateState(facts, nowMs),
    checkedAt: target.checkedAt?.toISOString() ?? null,
    nextCheckAt: target.dueAt.toISOString(),
    problem,
    distrust,
    reason: reasonOf(target),
    certificate:
      certificate === null
        ? null
        : {
            subject: certificate.subject,
            issuer: certificate.issuer,
            names: [...certificate.names],
            beginsAt: textOf(certificate.beginsMs),
            endsAt: textOf(certificate.endsMs),
            fingerprint: certificate.fingerprint,
          },
    seenAt: target.seenAt?.toISOString() ?? null,
    changes: changes.map((change) => ({
      at: new Date(change.at).toISOString(),
      problem: change.problem,
      distrust: change.distrust,
      reason: reasonOf(change),
      issuer: change.certificate?.issuer ?? null,
      endsAt: change.certificate === null ? null : textOf(change.certificate.endsMs),
    })),
  };
}

function reasonOf({ reason }: FoundCertificate): CertificateItem["reason"] {
  return tlsReasons.find((known) => known === reason) ?? null;
}

function textOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function worstFirst(a: CertificateItem, b: CertificateItem): number {
  return (
    certificateStates.indexOf(a.state) - certificateStates.indexOf(b.state) ||
    (endOf(a) < endOf(b) ? -1 : 1)
  );
}

function endOf({ certificate }: CertificateItem): string {
  return certificate?.endsAt ?? "";
}
