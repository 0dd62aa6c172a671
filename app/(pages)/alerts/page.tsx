import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { alertsQuestion } from "#components/alerts/alert-questions.ts";
import { AlertsPage } from "#components/alerts/alerts-page.tsx";
import { readAlerts } from "#lib/run/read-alerts.ts";

import { pageQuestion, type Search } from "../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("alerts");
  return { title: t("alerts") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  answers.setQueryData(alertsQuestion().queryKey, {
    items: await readAlerts(db, project, {}, nowMs),
  });
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <AlertsPage />
    </HydrationBoundary>
  );
}
