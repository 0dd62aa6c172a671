import {
  certificateTargetOf,
  targetOfUpstream,
  type CertificateOrigin,
} from "#lib/core/certificate.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { Database } from "#lib/db/open.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";
import { targetGuard, type TargetGuard } from "#lib/guard/target-guard.ts";
import { checkCertificate, type CertificateReading } from "#lib/probe/certificate.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import {
  claimChecks,
  finishCheck,
  forgetUnlisted,
  listTargets,
  type ClaimedCheck,
  type FoundCertificate,
} from "#lib/store/certificates.ts";
import { metrics } from "#lib/telemetry/metrics.ts";

/** What checking works with. */
export interface CertificateChecks {
  readonly db: Database;
  readonly project: number;
  /** Targets of the operator's settings. */
  readonly targets: readonly string[];
  /** Whether the hosts that proxies were seen to ask are checked as well. */
  readonly upstreams: boolean;
  readonly keep?: KeepMs;
  readonly guardOf: (origin: CertificateOrigin) => TargetGuard;
  readonly random: () => number;
}

const everyMs = 15 * 60_000;
const timeoutMs = 10_000;
/** Longer than any check, so that only the checks of a worker that died are made again. */
const leaseMs = 60_000;
const togetherMax = 16;
const dayMs = 86_400_000;
const upstreamsMax = 200;

/** Guards by who asked: an operator's setting may name any host, everybody else public ones and those of the list. */
export function certificateGuards(
  allowed: readonly string[],
): (origin: CertificateOrigin) => TargetGuard {
  const anywhere = targetGuard(["0.0.0.0/0", "::/0"]);
  const open = targetGuard(allowed, undefined, "VIASCOPE_PROBE_ALLOW");
  return (origin) => (origin === "setting" ? anywhere : open);
}

/** Brings the list of targets up to date with the settings and, where that is wanted, with the traffic. */
export async function listCertificates(checks: CertificateChecks, nowMs: number): Promise<void> {
  const { db, project, targets } = checks;
  const named = targets.flatMap((text) => certificateTargetOf(text)?.name ?? []);
  // Another worker may have other settings: what none of them lists is forgotten after an hour.
  const listing = { origin: "setting", nowMs, untilMs: nowMs + 3_600_000 } as const;
  await listTargets(db, project, named, listing);
  if (checks.upstreams) {
    const seen = await seenTargets(checks, nowMs);
    const untilMs = nowMs + 3_600_000;
    await listTargets(db, project, seen, { origin: "traffic", nowMs, untilMs });
  }
  await forgetUnlisted(db, project, nowMs);
}

/** The hosts that proxies asked over TLS within a day, as targets; those asked most first. */
export async function seenTargets(
  { db, project, keep }: Pick<CertificateChecks, "db" | "project" | "keep">,
  nowMs: number,
): Promise<string[]> {
  const window = { fromMs: nowMs - dayMs, toMs: nowMs };
  const upstreams = await queryUpstreams(db, {
    project,
    window,
    ...(keep !== undefined && { keep }),
  });
  const names = upstreams
    .toSorted((a, b) => b.attempts - a.attempts)
    .flatMap(({ upstream }) => targetOfUpstream(upstream) ?? []);
  return [...new Set(names)].slice(0, upstreamsMax);
}

/** Makes the checks that are due, each by one worker; gives how many. */
export async function checkCertificates(checks: CertificateChecks, nowMs: number): Promise<number> {
  const claim = { nowMs, leaseMs, limit: togetherMax };
  const claimed = await claimChecks(checks.db, checks.project, claim);
  await Promise.all(claimed.map((one) => checkOne(checks, one, nowMs)));
  return claimed.length;
}

async function checkOne(
  { db, project, guardOf, random }: CertificateChecks,
  claimed: ClaimedCheck,
  nowMs: number,
): Promise<void> {
  const target = certificateTargetOf(claimed.name);
  const reading: CertificateReading =
    target === null
      ? { kind: "failed", trouble: { text: "its name cannot be read", reason: null } }
      : await checkCertificate(target, {
          guard: guardOf(claimed.origin),
          timeoutMs,
          reasonOf: tlsReasonOf,
        });
  const found = foundIn(reading);
  const dueMs = nowMs + Math.round(everyMs * (0.9 + 0.2 * random()));
  await finishCheck(db, project, claimed, found, { nowMs, dueMs });
  const outcome = found.problem !== null ? "failed" : found.distrust !== null ? "invalid" : "valid";
  metrics
    .counter("viascope_certificate_checks_total", "Checks of certificates.", { outcome })
    .add(1);
}

function foundIn(reading: CertificateReading): FoundCertificate {
  if (reading.kind === "failed") {
    const { text, reason } = reading.trouble;
    return { problem: text, reason, distrust: null, certificate: null };
  }
  const { certificate, distrust } = reading;
  return {
    problem: null,
    distrust: distrust?.text ?? null,
    reason: distrust?.reason ?? null,
    certificate,
  };
}
