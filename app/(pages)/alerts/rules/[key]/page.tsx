import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { RulePage } from "#components/rules/rule-page.tsx";
import { catalogueQuestion, rulesQuestion } from "#components/rules/rule-questions.ts";
import { Message } from "#components/ui/message.tsx";
import { expressionCatalogue } from "#lib/run/check-expression.ts";
import { readRules } from "#lib/run/read-rules.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly key: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: decodeURIComponent((await params).key) };
}

export default async function Page({ params, searchParams }: PageProps) {
  const key = decodeURIComponent((await params).key);
  const { db, project, answers } = await pageQuestion(searchParams);
  const rules = await readRules(db, project);
  if (!rules.items.some((rule) => rule.key === key)) return <Unknown />;
  answers.setQueryData(rulesQuestion().queryKey, rules);
  answers.setQueryData(catalogueQuestion().queryKey, expressionCatalogue());
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <RulePage ruleKey={key} />
    </HydrationBoundary>
  );
}

async function Unknown() {
  const t = await getTranslations("rule");
  return (
    <Message hint={t("noneHint")} title={t("none")}>
      <Link href="/alerts/rules">{t("back")}</Link>
    </Message>
  );
}
