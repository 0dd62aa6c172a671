import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { silencesQuestion } from "#components/alerts/alert-questions.ts";
import { SilencesPage } from "#components/alerts/silences-page.tsx";
import { readSilences } from "#lib/run/silences.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("silences");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  answers.setQueryData(silencesQuestion().queryKey, {
    items: await readSilences(db, project, nowMs),
  });
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <SilencesPage />
    </HydrationBoundary>
  );
}
