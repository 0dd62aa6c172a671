import type { Appends } from "#lib/db/appends.ts";
import { CopyRows } from "#lib/db/copy.ts";
import { errorCode } from "#lib/db/error-code.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";

const table = "request_digest";
const shortLength = 16;
const columns = ["at", "digest", "process", "project_id"];

/** A request by its project and the hex of its SHA-1. */
export interface RequestKey {
  readonly project: number;
  readonly digest: string;
}

/** A request that is about to be stored. */
export interface RequestDigest extends RequestKey {
  /** The process that answers it; 0 for a request that has a key of its own. */
  readonly process: number;
  readonly atMs: number;
}

/** A request that is stored, and what is known of its answer. */
export interface StoredRequest {
  readonly project: number;
  /** As `shortDigest` gives it. */
  readonly digest: string;
  readonly process: number;
  readonly atMs: number;
  readonly answer: "arrived" | "lost" | "open";
}

/**
 * Notes the requests of a transaction. Waits while another transaction stores one of them, and throws when it did:
 * `isDigestTaken` tells that error. In one order everywhere, so that two that share requests never wait for each other.
 */
export function addDigests(to: Appends, requests: readonly RequestDigest[]): void {
  const rows = new CopyRows();
  for (const { project, digest, process, atMs } of requests.toSorted(byKey)) {
    rows.row(columns.length);
    rows.timestamp(atMs * 1000);
    rows.bits64(wordOf(digest, 0), wordOf(digest, 8));
    rows.int4(process);
    rows.int2(project);
  }
  to.copy(table, columns, rows);
}

/** Whether a transaction failed because one of its requests is stored already. */
export function isDigestTaken(error: unknown): boolean {
  return (
    errorCode(error) === "23505" &&
    error instanceof Error &&
    "table" in error &&
    error.table === table
  );
}

/** Those of the requests that are stored. */
export async function storedRequests(
  db: Database,
  requests: readonly RequestKey[],
): Promise<StoredRequest[]> {
  const { rows } = await db.pool.query<{
    project: number;
    digest: string;
    process: number;
    at_ms: number;
    lost: boolean;
    arrived: boolean;
  }>(
    `SELECT project_id AS project, digest, process, (extract(epoch FROM at) * 1000)::float8 AS at_ms,
            process = 0 OR coalesce(digest = ANY (lost), false) AS lost,
            coalesce(at < answered_before, false) AS arrived
       FROM request_digest LEFT JOIN ingest_answers USING (process)
      WHERE (project_id, digest) IN (SELECT * FROM unnest($1::int2[], $2::int8[]))`,
    keyLists(requests),
  );
  return rows.map(({ project, digest, process, at_ms: atMs, lost, arrived }) => {
    const answer = lost ? "lost" : arrived ? "arrived" : "open";
    return { project, digest: hexOf(digest), process, atMs, answer };
  });
}

/** Notes that a process answers requests that are stored already, as their senders sent them again. */
export async function adoptRequests(
  db: Database,
  requests: readonly RequestKey[],
  { process, atMs }: Pick<RequestDigest, "process" | "atMs">,
): Promise<void> {
  if (requests.length === 0) return;
  await db.pool.query(
    `UPDATE request_digest SET process = $3, at = $4
      WHERE (project_id, digest) IN (SELECT * FROM unnest($1::int2[], $2::int8[]))`,
    [...keyLists(requests), process, new Date(atMs)],
  );
}

/** The part of a SHA-1 in hex that is kept. */
export function shortDigest(digest: string): string {
  return digest.slice(0, shortLength);
}

/** The same as Postgres writes it. */
export function digestNumber(digest: string): string {
  return BigInt.asIntN(64, BigInt(`0x${shortDigest(digest)}`)).toString();
}

/** How large the table is on disk, without its index. */
export async function digestsBytes(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ bytes: string }>(
    "SELECT pg_relation_size('request_digest') AS bytes",
  );
  return Number(rows[0]?.bytes ?? 0);
}

/**
 * Forgets the requests whose answers arrived, and all from before a time. Commits wait meanwhile; gives up after 2 s
 * of waiting for them.
 */
export async function forgetAnswered(db: Database, beforeMs: number): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query("SET LOCAL lock_timeout = '2s'");
    await client.query("LOCK TABLE request_digest IN ACCESS EXCLUSIVE MODE");
    await client.query(
      `CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
       SELECT request_digest.* FROM request_digest LEFT JOIN ingest_answers USING (process)
        WHERE at >= $1
          AND (at < answered_before IS NOT TRUE OR digest IN (SELECT unnest(lost) FROM ingest_answers))`,
      [new Date(beforeMs)],
    );
    await client.query("TRUNCATE request_digest");
    await client.query("INSERT INTO request_digest TABLE kept");
  });
}

function keyLists(requests: readonly RequestKey[]): [projects: number[], digests: string[]] {
  return [
    requests.map(({ project }) => project),
    requests.map(({ digest }) => digestNumber(digest)),
  ];
}

function byKey(a: RequestKey, b: RequestKey): number {
  if (a.digest !== b.digest) return a.digest < b.digest ? -1 : 1;
  return a.project - b.project;
}

function hexOf(number: string): string {
  return BigInt.asUintN(64, BigInt(number)).toString(16).padStart(shortLength, "0");
}

function wordOf(digest: string, from: number): number {
  return Number.parseInt(digest.slice(from, from + 8), 16);
}
