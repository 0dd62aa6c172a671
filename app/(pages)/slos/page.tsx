import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { slosQuestion } from "#components/slos/slo-questions.ts";
import { SlosPage } from "#components/slos/slos-page.tsx";
import { readSlos } from "#lib/run/read-slos.ts";

import { pageQuestion, type Search } from "../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("slos");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs, keep } = await pageQuestion(searchParams);
  const items = await readSlos(db, { project, nowMs, keep });
  answers.setQueryData(slosQuestion().queryKey, { items });
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <SlosPage />
    </HydrationBoundary>
  );
}
