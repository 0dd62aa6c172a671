import type { Database } from "#lib/db/open.ts";

/** A process as it last told of itself. */
export interface ProcessFacts {
  readonly role: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly gauges: Readonly<Record<string, number>>;
}

const processesMax = 100;
/** Processes tell of themselves every ten seconds. */
const aliveMs = 35_000;

/** Whether a process still tells of itself. */
export function isAlive({ seenAt }: ProcessFacts, nowMs: number): boolean {
  return nowMs - seenAt.getTime() <= aliveMs;
}

/** The processes of this installation, those that still tell of themselves first. */
export async function queryProcesses(db: Database): Promise<ProcessFacts[]> {
  const answer = await db.pool.query<ProcessFacts>(
    `SELECT role, host, version, started_at AS "startedAt", seen_at AS "seenAt", gauges
       FROM process ORDER BY seen_at < now() - interval '1 minute', role, started_at LIMIT ${processesMax}`,
  );
  return answer.rows;
}
