import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { demoQuestion } from "#components/data/demo.ts";
import {
  fallbacksQuestion,
  proxiesQuestion,
  seriesQuestion,
  tlsQuestion,
  upstreamsQuestion,
} from "#components/data/questions.ts";
import { Onboarding } from "#components/onboarding/onboarding.tsx";
import { OverviewPage } from "#components/overview/overview-page.tsx";
import { proxyTrends, upstreamTrends } from "#components/overview/overview-questions.ts";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { windowMsMax } from "#lib/core/window.ts";
import { queryFallbacks } from "#lib/query/fallbacks.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { querySeries } from "#lib/query/series.ts";
import { queryTls } from "#lib/query/tls.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { demoStatus } from "#lib/run/demo-control.ts";

import { ingestAddress } from "../ingest-address.ts";
import { pageQuestion, type Search } from "../page-question.ts";
import { seriesParamsOf } from "../series-params.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("overview");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, window, keep, text, answers, nowMs } = await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  const [proxies, upstreams, trends, upstreamSeries, fallbacks, tls] = await Promise.all([
    queryProxies(db, { project, window, keep }),
    queryUpstreams(db, { project, window, keep }),
    querySeries(db, { project, window, keep }, seriesParamsOf(proxyTrends(window))),
    querySeries(db, { project, window, keep }, seriesParamsOf(upstreamTrends(window, null))),
    queryFallbacks(db, { project, window, keep }),
    queryTls(db, { project, window, keep }),
  ]);
  if (proxies.length === 0) {
    const ever = await queryProxies(db, {
      project,
      keep,
      window: { fromMs: nowMs - windowMsMax, toMs: nowMs },
    });
    if (ever.length === 0) return <Onboarding {...await ingestAddress()} />;
  }
  answers.setQueryData(demoQuestion.queryKey, await demoStatus());
  answers.setQueryData(proxiesQuestion(text).queryKey, { items: proxies });
  answers.setQueryData(upstreamsQuestion(text, {}).queryKey, { items: upstreams });
  answers.setQueryData(seriesQuestion(text, proxyTrends(window)).queryKey, trends);
  answers.setQueryData(seriesQuestion(text, upstreamTrends(window, null)).queryKey, upstreamSeries);
  answers.setQueryData(fallbacksQuestion(text, {}).queryKey, { items: fallbacks });
  answers.setQueryData(tlsQuestion(text, {}).queryKey, { items: tls });
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <OverviewPage nowMs={nowMs} />
    </HydrationBoundary>
  );
}
