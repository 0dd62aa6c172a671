import { logKindCodes } from "#lib/core/codes.ts";
import type { LogKind } from "#lib/core/log-line.ts";
import type { Database } from "#lib/db/open.ts";

import { idOfName } from "./names.ts";
import type { Scope } from "./scope.ts";

/** Where a log line stands; lines are in the order of these three. */
export interface LogPlace {
  /** Epoch microseconds. */
  readonly atUs: number;
  readonly blockId: number;
  readonly position: number;
}

/** Which lines are looked for. */
export interface LogFilter {
  readonly instance?: string | undefined;
  /** OpenTelemetry's severity number or more. */
  readonly severityMin?: number | undefined;
  readonly kind?: LogKind | undefined;
  /** Last 8 bytes of a trace id as Postgres' signed bigint in decimal. */
  readonly traceHash?: string | undefined;
}

/** Where the newest lines of the window stand that come before the place, if one is given. */
export async function queryLogPlaces(
  db: Database,
  scope: Scope,
  filter: LogFilter,
  { before, limit }: { readonly before: LogPlace | null; readonly limit: number },
): Promise<LogPlace[]> {
  const conditions = await conditionsOf(db, scope, filter);
  if (conditions === null) return [];
  const { where, values } = conditions;
  if (before !== null) {
    values.push(timestampOf(before.atUs), before.blockId, before.position);
    const [time, block, position] = [values.length - 2, values.length - 1, values.length];
    // The bound on the time alone lets partitions be left out.
    where.push(
      `logged_at <= $${time}::timestamptz`,
      `(logged_at, block_id, position) < ($${time}::timestamptz, $${block}::bigint, $${position}::int)`,
    );
  }
  const answer = await db.pool.query<{ at_us: string; block_id: string; position: number }>(
    `SELECT (extract(epoch FROM logged_at) * 1000000)::bigint AS at_us, block_id, position
       FROM log_line WHERE ${where.join(" AND ")}
      ORDER BY logged_at DESC, block_id DESC, position DESC LIMIT ${limit}`,
    values,
  );
  return answer.rows.map(({ at_us, block_id, position }) => ({
    atUs: Number(at_us),
    blockId: Number(block_id),
    position,
  }));
}

const countedMax = 10_000;

/** How many lines of the window could not be read; at most 10,000 are counted. */
export async function queryUnreadLines(db: Database, scope: Scope): Promise<number> {
  const conditions = await conditionsOf(db, scope, { kind: "unread" });
  if (conditions === null) return 0;
  const { where, values } = conditions;
  const answer = await db.pool.query<{ lines: number }>(
    `SELECT count(*)::int AS lines FROM (
       SELECT FROM log_line WHERE ${where.join(" AND ")} LIMIT ${countedMax}
     ) AS found`,
    values,
  );
  return answer.rows[0]?.lines ?? 0;
}

interface Conditions {
  readonly where: string[];
  readonly values: unknown[];
}

/** Null when nothing of a name that is asked for was ever seen. */
async function conditionsOf(
  db: Database,
  { project, window, proxy }: Scope,
  { instance, severityMin, kind, traceHash }: LogFilter,
): Promise<Conditions | null> {
  const values: unknown[] = [project, new Date(window.fromMs), new Date(window.toMs)];
  const where = ["project_id = $1", "logged_at >= $2", "logged_at < $3"];
  for (const [column, nameKind, name] of [
    ["proxy_id", "proxy", proxy],
    ["instance_id", "instance", instance],
  ] as const) {
    if (name === undefined) continue;
    const id = await idOfName(db, project, nameKind, name);
    if (id === null) return null;
    where.push(`${column} = $${values.push(id)}`);
  }
  // Written out, as the partial indexes are only found for a literal.
  if (severityMin !== undefined) where.push(`severity >= ${severityMin}`);
  if (kind !== undefined) where.push(`kind = ${logKindCodes.codeOf(kind)}`);
  if (traceHash !== undefined) {
    where.push("trace_hash <> 0", `trace_hash = $${values.push(traceHash)}::bigint`);
  }
  return { where, values };
}

/** To the microsecond, which a Date does not hold. */
function timestampOf(atUs: number): string {
  const seconds = new Date(Math.floor(atUs / 1e6) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(atUs % 1e6).padStart(6, "0")}Z`;
}
