import type { MetricsAnswer, MetricsParams } from "#lib/contract/metrics.ts";
import type { MetricKind, Temporality } from "#lib/core/metric.ts";
import type { Database } from "#lib/db/open.ts";

import { labelsColumn } from "./metric-readings.ts";
import type { Scope } from "./scope.ts";

const metricsMax = 500;
const keysMax = 40;
const valuesMax = 50;

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly temporality: Temporality;
  readonly series: number;
  readonly proxies: string[];
}

/** Every metric that had a point on a day of the window, with its series counted. */
export async function queryMetricList(
  db: Database,
  { project, window }: Scope,
  { proxy, search }: MetricsParams,
): Promise<MetricsAnswer> {
  const answer = await db.pool.query<Row>(
    `SELECT name, unit, kind, min(temporality) AS temporality, count(*)::int AS series,
            (array_agg(DISTINCT proxy ORDER BY proxy))[1:20] AS proxies
       FROM metric_series
      WHERE project_id = $1 AND seen_on >= $2::date AND ($3::text IS NULL OR proxy = $3)
        AND ($4::text IS NULL OR strpos(lower(name), lower($4)) > 0)
      GROUP BY name, unit, kind ORDER BY name, kind, unit LIMIT $5`,
    [project, dayOf(window.fromMs), proxy ?? null, search ?? null, metricsMax + 1],
  );
  const items = answer.rows.slice(0, metricsMax);
  return { items, more: answer.rows.length > metricsMax };
}

/** The attributes that tell the series of one metric apart, with the values they have. */
export async function queryMetricAttributes(
  db: Database,
  { project, window }: Scope,
  name: string,
): Promise<{ readonly key: string; readonly values: string[] }[]> {
  const answer = await db.pool.query<{ key: string; values: string[] }>(
    `SELECT key, (array_agg(DISTINCT value ORDER BY value))[1:${valuesMax}] AS values
       FROM metric_series, jsonb_each_text(${labelsColumn})
      WHERE project_id = $1 AND name = $2 AND seen_on >= $3::date
      GROUP BY key ORDER BY key LIMIT ${keysMax}`,
    [project, name, dayOf(window.fromMs)],
  );
  return answer.rows;
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
