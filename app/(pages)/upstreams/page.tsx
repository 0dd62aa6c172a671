import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { proxiesQuestion, seriesQuestion, upstreamsQuestion } from "#components/data/questions.ts";
import { upstreamTrends } from "#components/overview/overview-questions.ts";
import { UpstreamsPage } from "#components/upstreams/upstreams-page.tsx";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { queryProxies } from "#lib/query/proxies.ts";
import { querySeries } from "#lib/query/series.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";

import { pageQuestion, type Search } from "../../page-question.ts";
import { seriesParamsOf } from "../../series-params.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("upstreams");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, window, keep, text, state, answers, nowMs } =
    await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  const scope = state.proxy === null ? {} : { proxy: state.proxy };
  const trends = upstreamTrends(window, state.proxy);
  const [proxies, upstreams, series] = await Promise.all([
    queryProxies(db, { project, window, keep }),
    queryUpstreams(db, { project, window, keep, ...scope }),
    querySeries(db, { project, window, keep }, seriesParamsOf(trends)),
  ]);
  answers.setQueryData(proxiesQuestion(text).queryKey, { items: proxies });
  answers.setQueryData(upstreamsQuestion(text, scope).queryKey, { items: upstreams });
  answers.setQueryData(seriesQuestion(text, trends).queryKey, series);
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <UpstreamsPage nowMs={nowMs} />
    </HydrationBoundary>
  );
}
