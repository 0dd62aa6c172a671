import { createHash } from "node:crypto";

import { type MetricSeries, seriesKey } from "#lib/core/metric.ts";
import type { Database } from "#lib/db/open.ts";

const dayMs = 86_400_000;
/** Series held in memory; beyond it the memory starts anew. */
const cachedMax = 200_000;

interface Known {
  readonly id: number;
  /** The day on which it was last noted as seen. */
  readonly day: string;
}

/** Numbers for series; several processes may use one table: a series has one number in all. */
export class SeriesNumbers {
  readonly #db: Database;
  readonly #seriesMax: number;
  readonly #known = new Map<string, Known>();

  /** `seriesMax`: most series of a project. */
  constructor(db: Database, seriesMax: number) {
    this.#db = db;
    this.#seriesMax = seriesMax;
  }

  /** The number of every series by its key; one that is new and beyond the limit has none. */
  async resolve(
    project: number,
    wanted: Iterable<MetricSeries>,
    nowMs: number,
  ): Promise<ReadonlyMap<string, number>> {
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const found = new Map<string, number>();
    const fresh = new Map<string, MetricSeries>();
    for (const series of wanted) {
      const key = seriesKey(series);
      const known = this.#known.get(`${project} ${key}`);
      if (known?.day === day) found.set(key, known.id);
      else fresh.set(key, series);
    }
    if (fresh.size === 0) return found;
    if (this.#known.size > cachedMax) this.#known.clear();
    for (const [key, id] of await this.#resolveFresh(project, fresh, day)) {
      found.set(key, id);
      this.#known.set(`${project} ${key}`, { id, day });
    }
    return found;
  }

  async #resolveFresh(
    project: number,
    fresh: ReadonlyMap<string, MetricSeries>,
    day: string,
  ): Promise<Map<string, number>> {
    const keys = new Map(Array.from(fresh.keys(), (key) => [digestOf(key), key]));
    const ids = await this.#touch(project, [...keys.keys()], day);
    const missing = [...keys].filter(([digest]) => !ids.has(digest));
    if (missing.length > 0) {
      const room = Math.max(0, this.#seriesMax - (await this.#count(project)));
      const rows = missing.slice(0, room).flatMap(([digest, key]) => {
        const series = fresh.get(key);
        return series === undefined ? [] : [{ digest, ...series }];
      });
      for (const [digest, id] of await this.#insert(project, rows, day)) ids.set(digest, id);
    }
    return new Map(
      [...keys].flatMap(([digest, key]): [string, number][] => {
        const id = ids.get(digest);
        return id === undefined ? [] : [[key, id]];
      }),
    );
  }

  /** Notes that the series were seen, so that retention leaves them. */
  async #touch(project: number, digests: string[], day: string): Promise<Map<string, number>> {
    const answer = await this.#db.pool.query<{ digest: string; id: number }>(
      // In one order everywhere: two writers with the same series would wait for each other otherwise.
      `WITH mine AS (
         SELECT id FROM metric_series
          WHERE project_id = $1 AND digest IN (SELECT decode(unnest($2::text[]), 'hex'))
          ORDER BY digest FOR UPDATE)
       UPDATE metric_series SET seen_on = $3 FROM mine
        WHERE metric_series.project_id = $1 AND metric_series.id = mine.id
       RETURNING encode(digest, 'hex') AS digest, metric_series.id AS id`,
      [project, digests, day],
    );
    return new Map(answer.rows.map(({ digest, id }) => [digest, id]));
  }

  async #count(project: number): Promise<number> {
    const answer = await this.#db.pool.query<{ series: number }>(
      "SELECT count(*)::int AS series FROM metric_series WHERE project_id = $1",
      [project],
    );
    return answer.rows[0]?.series ?? 0;
  }

  async #insert(
    project: number,
    rows: readonly (MetricSeries & { readonly digest: string })[],
    day: string,
  ): Promise<Map<string, number>> {
    if (rows.length === 0) return new Map();
    const answer = await this.#db.pool.query<{ digest: string; id: number }>(
      `INSERT INTO metric_series
         (project_id, digest, origin, proxy, instance, name, unit, kind, temporality, attributes, seen_on)
       SELECT $1, decode(row ->> 'digest', 'hex'), row ->> 'origin', row ->> 'proxy', row ->> 'instance',
              row ->> 'name', row ->> 'unit', row ->> 'kind', row ->> 'temporality', row -> 'attributes', $3
         FROM jsonb_array_elements($2::jsonb) AS row ORDER BY 2
       ON CONFLICT (project_id, digest) DO UPDATE SET seen_on = excluded.seen_on
       RETURNING encode(digest, 'hex') AS digest, id`,
      [project, JSON.stringify(rows), day],
    );
    return new Map(answer.rows.map(({ digest, id }) => [digest, id]));
  }
}

/** Forgets series whose last point is older than the time; a day later than that, as days have no hours. */
export async function forgetSeries(db: Database, beforeMs: number): Promise<void> {
  const day = new Date(beforeMs - dayMs).toISOString().slice(0, 10);
  await db.pool.query("DELETE FROM metric_series WHERE seen_on < $1", [day]);
}

function digestOf(key: string): string {
  return createHash("sha1").update(key).digest("hex");
}
