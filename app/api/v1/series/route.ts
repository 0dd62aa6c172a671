import { seriesParams, type SeriesAnswer } from "#lib/contract/series.ts";
import { querySeries } from "#lib/query/series.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(seriesParams, ({ db, scope, params }): Promise<SeriesAnswer> =>
  querySeries(db, scope, params),
);
