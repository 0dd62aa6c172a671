import { z } from "zod";

import type { MetricMeasuresAnswer } from "#lib/contract/metrics.ts";
import { queryMetricMeasures } from "#lib/query/metric-measures.ts";
import { queryScrapeTargets } from "#lib/query/scrape-targets.ts";

import { windowQuestion } from "../../../answer.ts";

export const GET = windowQuestion(
  z.object({}),
  async ({ db, scope, project }): Promise<MetricMeasuresAnswer> => {
    const [items, targets] = await Promise.all([
      queryMetricMeasures(db, scope),
      queryScrapeTargets(db, project),
    ]);
    return { items, targets };
  },
);
