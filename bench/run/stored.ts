import type { Database } from "#lib/db/open.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { currentProject } from "#lib/run/current-project.ts";

import type { StoredCounts } from "../load/scenarios.ts";

const ageMsMax = 600_000;
const bucketMs = 10_000;

/** Exchanges and attempts since a time, with room for the age of what is sent, as the overview counts them. */
export async function storedSince(db: Database, begunMs: number): Promise<StoredCounts> {
  const fromMs = begunMs - ageMsMax;
  const window = { fromMs: fromMs - (fromMs % bucketMs), toMs: Date.now() + bucketMs };
  const scope = { project: await currentProject(), window };
  const proxies = await queryProxies(db, scope);
  const upstreams = await queryUpstreams(db, scope);
  return {
    exchanges: proxies.reduce((total, { requests }) => total + requests, 0),
    attempts: upstreams.reduce((total, { attempts }) => total + attempts, 0),
  };
}

/** Bytes of every table with its indexes and TOAST, of a partitioned one those of its partitions, whatever tables there are. */
export async function bytesByTable(db: Database): Promise<ReadonlyMap<string, number>> {
  const answer = await db.pool.query<{ name: string; bytes: string }>(
    `SELECT coalesce(parent.relname, child.relname) AS name, sum(pg_total_relation_size(child.oid)) AS bytes
       FROM pg_class child
       LEFT JOIN pg_inherits ON inhrelid = child.oid
       LEFT JOIN pg_class parent ON parent.oid = inhparent
      WHERE child.relkind = 'r' AND child.relnamespace = current_schema()::regnamespace
      GROUP BY 1 ORDER BY 1`,
  );
  return new Map(answer.rows.map(({ name, bytes }) => [name, Number(bytes)]));
}
