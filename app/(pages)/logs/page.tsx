import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { proxiesQuestion } from "#components/data/questions.ts";
import { loadLogState, logParamsOf, logsQuestion } from "#components/logs/log-questions.ts";
import { LogsPage } from "#components/logs/logs-page.tsx";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { queryProxies } from "#lib/query/proxies.ts";
import { readLogs } from "#lib/run/read-logs.ts";

import { ingestAddress } from "../../ingest-address.ts";
import { pageQuestion, type Search } from "../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("logs");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, window, keep, text, answers, nowMs } = await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  const state = await loadLogState(searchParams);
  const params = logParamsOf(state);
  const [proxies, logs, address] = await Promise.all([
    queryProxies(db, { project, window, keep }),
    readLogs(db, { project, window }, params),
    ingestAddress(),
  ]);
  answers.setQueryData(proxiesQuestion(text).queryKey, { items: proxies });
  answers.setQueryData(logsQuestion(text, params, state.live).queryKey, {
    pages: [logs],
    pageParams: [null],
  });
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <LogsPage nowMs={nowMs} {...address} />
    </HydrationBoundary>
  );
}
