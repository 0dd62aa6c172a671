import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { NewRulePage } from "#components/rules/rule-page.tsx";
import { catalogueQuestion } from "#components/rules/rule-questions.ts";
import { expressionCatalogue } from "#lib/run/check-expression.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("rule");
  return { title: t("newTitle") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { answers, nowMs } = await pageQuestion(searchParams);
  answers.setQueryData(catalogueQuestion().queryKey, expressionCatalogue());
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <NewRulePage nowMs={nowMs} />
    </HydrationBoundary>
  );
}
