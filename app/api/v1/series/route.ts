import { seriesParams, type SeriesAnswer } from "#lib/contract/series.ts";
import { querySeries } from "#lib/query/series.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  seriesParams,
  ({ db, project, window, params }): Promise<SeriesAnswer> => querySeries(db, { project, window }, params),
);
