import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { rulesQuestion } from "#components/rules/rule-questions.ts";
import { RulesPage } from "#components/rules/rules-page.tsx";
import { readRules } from "#lib/run/read-rules.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("rules");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers } = await pageQuestion(searchParams);
  answers.setQueryData(rulesQuestion().queryKey, await readRules(db, project));
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <RulesPage />
    </HydrationBoundary>
  );
}
