import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";

import {
  exchangesQuestion,
  fallbacksQuestion,
  seriesQuestion,
  tlsQuestion,
  upstreamsQuestion,
} from "#components/data/questions.ts";
import { UpstreamPage } from "#components/upstreams/upstream-page.tsx";
import { upstreamSeries } from "#components/upstreams/upstream-questions.ts";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { exchangesParams } from "#lib/contract/exchanges.ts";
import { queryFallbacks } from "#lib/query/fallbacks.ts";
import { querySeries } from "#lib/query/series.ts";
import { queryTls } from "#lib/query/tls.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { answerExchanges } from "#lib/run/read-exchanges.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";
import { seriesParamsOf } from "../../../series-params.ts";

interface PageProps {
  readonly params: Promise<{ readonly upstream: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: decodeURIComponent((await params).upstream) };
}

export default async function Page({ params, searchParams }: PageProps) {
  const upstream = decodeURIComponent((await params).upstream);
  const { db, project, window, keep, text, state, answers, nowMs } =
    await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  // One upstream may be asked by several proxies; the busiest is shown unless the address names one.
  const everywhere = await queryUpstreams(db, { project, window, keep, upstream });
  const byTraffic = everywhere.toSorted((a, b) => b.attempts - a.attempts);
  const proxies = byTraffic.map((each) => each.proxy);
  const proxy = state.proxy ?? proxies[0] ?? null;
  if (proxy === null)
    return <UpstreamPage nowMs={nowMs} proxies={[]} proxy={null} upstream={upstream} />;
  const scope = { proxy, upstream };
  const series = upstreamSeries(window, proxy, upstream);
  const [points, fallbacks, tls, exchanges] = await Promise.all([
    querySeries(db, { project, window, keep }, seriesParamsOf(series)),
    queryFallbacks(db, { project, window, keep, ...scope }),
    queryTls(db, { project, window, keep, ...scope }),
    answerExchanges(db, { project, window, keep }, exchangesParams.parse(scope)),
  ]);
  answers.setQueryData(upstreamsQuestion(text, scope).queryKey, {
    items: everywhere.filter((each) => each.proxy === proxy),
  });
  answers.setQueryData(seriesQuestion(text, series).queryKey, points);
  answers.setQueryData(fallbacksQuestion(text, scope).queryKey, { items: fallbacks });
  answers.setQueryData(tlsQuestion(text, scope).queryKey, { items: tls });
  answers.setQueryData(exchangesQuestion(text, scope).queryKey, exchanges);
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <UpstreamPage
        nowMs={nowMs}
        proxies={proxies.includes(proxy) ? proxies : [proxy, ...proxies]}
        proxy={proxy}
        upstream={upstream}
      />
    </HydrationBoundary>
  );
}
