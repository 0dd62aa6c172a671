import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { foundExchangesQuestion, proxiesQuestion } from "#components/data/questions.ts";
import { loadExchangeFilter, parametersOf } from "#components/exchanges/exchange-filter.ts";
import { ExchangesPage } from "#components/exchanges/exchanges-page.tsx";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { exchangesQuery } from "#lib/contract/exchanges.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { answerExchanges } from "#lib/run/read-exchanges.ts";

import { pageQuestion, type Search } from "../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("exchanges");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, window, keep, text, answers } = await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  const scope = { project, window, keep };
  const parameters = parametersOf(await loadExchangeFilter(searchParams));
  const wanted = exchangesQuery.safeParse(parameters);
  answers.setQueryData(proxiesQuestion(text).queryKey, { items: await queryProxies(db, scope) });
  // What cannot be asked is asked by the page again, which then shows the API's sentence.
  if (wanted.success) {
    const found = await answerExchanges(db, scope, wanted.data);
    answers.setQueryData(foundExchangesQuestion(text, parameters).queryKey, found);
  }
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <ExchangesPage />
    </HydrationBoundary>
  );
}
