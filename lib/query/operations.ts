import type { Window } from "#lib/core/bucket.ts";
import type { Database } from "#lib/db/open.ts";

/** What processes counted in a bucket of time. */
export interface SeriesBucket {
  readonly bucketMs: number;
  /** `counter`: what it grew by; `gauge`: the most it was; a histogram: how many values lie in the bucket up to `bound`. */
  readonly kind: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly bound: number | null;
  readonly value: number;
}

interface Row {
  readonly bucket: string;
  readonly kind: SeriesBucket["kind"];
  readonly key: string;
  readonly bound: number | null;
  readonly value: number;
}

const rowsMax = 200_000;

/** What our own processes counted over a window, per bucket and series, and the buckets that any of them told of. */
export async function queryOperations(
  db: Database,
  { fromMs, toMs }: Window,
  stepSeconds: number,
): Promise<SeriesBucket[]> {
  const answer = await db.pool.query<Row>(
    `WITH told AS (
       SELECT floor(extract(epoch FROM minute) / $3)::bigint * $3 AS bucket, counters, gauges, histograms
         FROM process_minute WHERE minute >= $1 AND minute < $2)
     SELECT bucket, 'counter' AS kind, key, NULL::float8 AS bound, sum(value::float8) AS value
       FROM told, jsonb_each_text(counters) GROUP BY bucket, key
     UNION ALL
     SELECT bucket, 'gauge', key, NULL, max(value::float8) FROM told, jsonb_each_text(gauges) GROUP BY bucket, key
     UNION ALL
     SELECT bucket, 'histogram', key, (pair ->> 0)::float8, sum((pair ->> 1)::float8)
       FROM told, jsonb_each(histograms) AS each(key, pairs), jsonb_array_elements(pairs) AS pair
      WHERE key LIKE 'viascope\\_ingest\\_lag%' GROUP BY bucket, key, pair ->> 0
     LIMIT ${rowsMax}`,
    [new Date(fromMs), new Date(toMs), stepSeconds],
  );
  return answer.rows.map(({ bucket, kind, key, bound, value }) => {
    const [name = "", labels = "{}"] = splitOnce(key);
    return { bucketMs: Number(bucket) * 1_000, kind, name, labels: labelsOf(labels), bound, value };
  });
}

function splitOnce(key: string): string[] {
  const at = key.indexOf(" ");
  return [key.slice(0, at), key.slice(at + 1)];
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Object(JSON.parse(text))).map(([name, value]) => [name, String(value)]),
  );
}
