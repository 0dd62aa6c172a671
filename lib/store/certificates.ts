import type { CertificateOrigin } from "#lib/core/certificate.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";

/** What a check found. `certificate` is what it read; null when it read none. */
export interface FoundCertificate {
  readonly problem: string | null;
  readonly distrust: string | null;
  readonly reason: string | null;
  readonly certificate: StoredCertificate | null;
}

export interface StoredCertificate {
  readonly beginsMs: number;
  readonly endsMs: number;
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly fingerprint: string;
}

/** A check that is this worker's until its lease ends. */
export interface ClaimedCheck {
  readonly name: string;
  readonly origin: CertificateOrigin;
  readonly before: (FoundCertificate & { readonly checkedAt: Date | null }) | null;
}

/** A target with what its last check found; `certificate` is the one last read, however long ago. */
export interface StoredTarget extends FoundCertificate {
  readonly name: string;
  readonly origin: CertificateOrigin;
  readonly dueAt: Date;
  readonly checkedAt: Date | null;
  readonly seenAt: Date | null;
  readonly changes: readonly StoredChange[];
}

export interface StoredChange extends FoundCertificate {
  /** ISO 8601. */
  readonly at: string;
}

const changesShown = 10;

/** Lists targets until a time; those that somebody added in a page stay, those of a setting win over those of traffic. */
export async function listTargets(
  db: Database,
  project: number,
  names: readonly string[],
  listing: {
    readonly origin: "setting" | "traffic";
    readonly nowMs: number;
    readonly untilMs: number;
  },
): Promise<void> {
  await db.pool.query(
    `INSERT INTO certificate_target AS known (project_id, name, origin, listed_until, due_at)
     SELECT $1, name, $3, $4, $5 FROM unnest($2::text[]) AS name ORDER BY name
     ON CONFLICT (project_id, name) DO UPDATE SET origin = excluded.origin, listed_until = excluded.listed_until
      WHERE excluded.origin = 'setting' OR known.origin = 'traffic'`,
    [project, names, listing.origin, new Date(listing.untilMs), new Date(listing.nowMs)],
  );
}

/** Forgets targets that nobody listed again. */
export async function forgetUnlisted(db: Database, project: number, nowMs: number): Promise<void> {
  await db.pool.query(
    "DELETE FROM certificate_target WHERE project_id = $1 AND listed_until < $2",
    [project, new Date(nowMs)],
  );
}

/** Adds a target for good, unless there are as many as may be; says whether it is there now. */
export async function addTarget(
  db: Database,
  project: number,
  name: string,
  options: { readonly nowMs: number; readonly targetsMax: number },
): Promise<boolean> {
  const answer = await db.pool.query(
    `INSERT INTO certificate_target AS known (project_id, name, origin, due_at)
     SELECT $1, $2, 'page', $3
      WHERE (SELECT count(*) FROM certificate_target WHERE project_id = $1) < $4
         OR EXISTS (SELECT FROM certificate_target WHERE project_id = $1 AND name = $2)
     ON CONFLICT (project_id, name) DO UPDATE SET
       origin = CASE WHEN known.origin = 'traffic' THEN 'page' ELSE known.origin END,
       listed_until = CASE WHEN known.origin = 'traffic' THEN NULL ELSE known.listed_until END`,
    [project, name, new Date(options.nowMs), options.targetsMax],
  );
  return answer.rowCount === 1;
}

/** Removes a target that was added in a page; says whether there was one. */
export async function removeTarget(db: Database, project: number, name: string): Promise<boolean> {
  const answer = await db.pool.query(
    "DELETE FROM certificate_target WHERE project_id = $1 AND name = $2 AND origin = 'page'",
    [project, name],
  );
  return answer.rowCount === 1;
}

/** Has a target checked next; says whether there is one. */
export async function hastenCheck(
  db: Database,
  project: number,
  name: string,
  nowMs: number,
): Promise<boolean> {
  const answer = await db.pool.query(
    "UPDATE certificate_target SET due_at = least(due_at, $3) WHERE project_id = $1 AND name = $2",
    [project, name, new Date(nowMs)],
  );
  return answer.rowCount === 1;
}

/** Takes the checks that are due the longest and that no other worker has. */
export async function claimChecks(
  db: Database,
  project: number,
  claim: { readonly nowMs: number; readonly leaseMs: number; readonly limit: number },
): Promise<ClaimedCheck[]> {
  const answer = await db.pool.query<ClaimedCheck>(
    `UPDATE certificate_target SET lease_until = $3
      WHERE project_id = $1 AND name IN (
        SELECT name FROM certificate_target
         WHERE project_id = $1 AND due_at <= $2 AND (lease_until IS NULL OR lease_until <= $2)
         ORDER BY due_at, name LIMIT $4 FOR UPDATE SKIP LOCKED)
      RETURNING name, origin, jsonb_build_object('problem', problem, 'distrust', distrust, 'reason', reason,
        'certificate', certificate, 'checkedAt', checked_at) AS before`,
    [project, new Date(claim.nowMs), new Date(claim.nowMs + claim.leaseMs), claim.limit],
  );
  return answer.rows;
}

/** Writes what a check found, and when the next one is due. A certificate that could not be read again stays as it was seen. */
export function finishCheck(
  db: Database,
  project: number,
  claimed: ClaimedCheck,
  found: FoundCertificate,
  times: { readonly nowMs: number; readonly dueMs: number },
): Promise<void> {
  return inTransaction(db, async (client) => {
    const { problem, distrust, reason } = found;
    const certificate = found.certificate === null ? null : JSON.stringify(found.certificate);
    const now = new Date(times.nowMs);
    const updated = await client.query(
      `UPDATE certificate_target SET lease_until = NULL, due_at = $3, checked_at = $4,
         problem = $5, distrust = $6, reason = $7, certificate = coalesce($8::jsonb, certificate),
         seen_at = CASE WHEN $8::jsonb IS NULL THEN seen_at ELSE $4 END
       WHERE project_id = $1 AND name = $2`,
      [project, claimed.name, new Date(times.dueMs), now, problem, distrust, reason, certificate],
    );
    if (updated.rowCount === 0 || !isChange(claimed, found)) return;
    await client.query(
      `INSERT INTO certificate_change (project_id, name, at, problem, distrust, reason, certificate)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [project, claimed.name, now, problem, distrust, reason, certificate],
    );
    await client.query(
      `DELETE FROM certificate_change WHERE project_id = $1 AND name = $2 AND at < (
         SELECT at FROM certificate_change WHERE project_id = $1 AND name = $2
          ORDER BY at DESC OFFSET 99 LIMIT 1)`,
      [project, claimed.name],
    );
  });
}

function isChange({ before }: ClaimedCheck, found: FoundCertificate): boolean {
  if (before === null || before.checkedAt === null) return true;
  const isOther =
    found.certificate !== null && found.certificate.fingerprint !== before.certificate?.fingerprint;
  return isOther || before.problem !== found.problem || before.distrust !== found.distrust;
}

/** Every target with what its last check found, and what the checks before it found, newest first. */
export async function storedTargets(db: Database, project: number): Promise<StoredTarget[]> {
  const answer = await db.pool.query<StoredTarget>(
    `SELECT name, origin, due_at AS "dueAt", checked_at AS "checkedAt", seen_at AS "seenAt",
            problem, distrust, reason, certificate,
            coalesce((SELECT jsonb_agg(to_jsonb(change) - 'project_id' - 'name' ORDER BY at DESC) FROM (
              SELECT * FROM certificate_change AS change
               WHERE change.project_id = target.project_id AND change.name = target.name
               ORDER BY at DESC LIMIT ${changesShown}) AS change), '[]') AS changes
       FROM certificate_target AS target WHERE project_id = $1 ORDER BY name`,
    [project],
  );
  return answer.rows;
}

/** A certificate as it was last read. */
export interface SeenCertificate {
  readonly name: string;
  readonly certificate: StoredCertificate;
  readonly seenAt: Date;
}

/** The certificates that were ever read of the targets there are. */
export async function seenCertificates(db: Database, project: number): Promise<SeenCertificate[]> {
  const answer = await db.pool.query<SeenCertificate>(
    `SELECT name, certificate, seen_at AS "seenAt" FROM certificate_target
      WHERE project_id = $1 AND certificate IS NOT NULL AND seen_at IS NOT NULL ORDER BY name`,
    [project],
  );
  return answer.rows;
}
