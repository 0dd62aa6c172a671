import { metricSeriesParams, type MetricSeriesAnswer } from "#lib/contract/metrics.ts";
import { TooManyReadings } from "#lib/query/metric-readings.ts";
import { queryMetricSeries } from "#lib/query/metric-series.ts";

import { windowQuestion } from "../../../answer.ts";
import { problem } from "../../../problem.ts";

export const GET = windowQuestion(
  metricSeriesParams,
  async ({ db, scope, params }): Promise<MetricSeriesAnswer | Response> => {
    try {
      const found = await queryMetricSeries(db, scope, params);
      return found ?? problem(404, "No series of this metric had a point in the window.");
    } catch (error) {
      if (error instanceof TooManyReadings) return problem(400, error.message);
      throw error;
    }
  },
);
