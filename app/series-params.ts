import type { SeriesQuestion } from "#components/data/questions.ts";
import { seriesParams, type SeriesParams } from "#lib/contract/series.ts";

/** A page's question about series as the contract parses it. */
export function seriesParamsOf(question: SeriesQuestion): SeriesParams {
  return seriesParams.parse(question);
}
