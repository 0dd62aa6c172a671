import { metricsParams, type MetricsAnswer } from "#lib/contract/metrics.ts";
import { queryMetricList } from "#lib/query/metric-list.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(metricsParams, ({ db, scope, params }): Promise<MetricsAnswer> =>
  queryMetricList(db, scope, params),
);
