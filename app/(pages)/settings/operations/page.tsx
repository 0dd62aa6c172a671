import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { OperationsPage } from "#components/operations/operations-page.tsx";
import { operationsQuestion } from "#components/operations/operations-questions.ts";
import { WindowProblem } from "#components/window/window-problem.tsx";
import { readOperations } from "#lib/run/read-operations.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, window, text, answers, nowMs } = await pageQuestion(searchParams);
  if (typeof window === "string") return <WindowProblem detail={window} />;
  const answer = await readOperations(db, project, window, nowMs);
  answers.setQueryData(operationsQuestion(text).queryKey, answer);
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <OperationsPage />
    </HydrationBoundary>
  );
}
