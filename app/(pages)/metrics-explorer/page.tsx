import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import {
  loadMetricState,
  measuresQuestion,
  metricParamsOf,
  metricSeriesQuestion,
  metricsQuestion,
} from "#components/metrics/metric-questions.ts";
import { MetricsPage } from "#components/metrics/metrics-page.tsx";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { queryMetricList } from "#lib/query/metric-list.ts";
import { queryMetricMeasures } from "#lib/query/metric-measures.ts";
import { queryMetricSeries } from "#lib/query/metric-series.ts";
import { queryScrapeTargets } from "#lib/query/scrape-targets.ts";

import { ingestAddress } from "../../ingest-address.ts";
import { pageQuestion, type Search } from "../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("metrics");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, window, text, answers, nowMs } = await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  const scope = { project, window };
  const state = await loadMetricState(searchParams);
  const [metrics, items, targets, address] = await Promise.all([
    queryMetricList(db, scope, {}),
    queryMetricMeasures(db, scope),
    queryScrapeTargets(db, project),
    ingestAddress(),
  ]);
  answers.setQueryData(metricsQuestion(text).queryKey, metrics);
  answers.setQueryData(measuresQuestion(text).queryKey, { items, targets });
  const name = state.metric ?? metrics.items[0]?.name;
  if (name !== undefined) {
    const params = metricParamsOf(name, state);
    // What cannot be drawn is told by the API, in its words.
    const series = await queryMetricSeries(db, scope, params).catch(() => null);
    if (series !== null) answers.setQueryData(metricSeriesQuestion(text, params).queryKey, series);
  }
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <MetricsPage nowMs={nowMs} {...address} />
    </HydrationBoundary>
  );
}
