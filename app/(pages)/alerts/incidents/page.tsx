import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { incidentsQuestion } from "#components/alerts/alert-questions.ts";
import { incidentsFilterOf, loadIncidentState } from "#components/alerts/incident-keys.ts";
import { IncidentsPage } from "#components/alerts/incidents-page.tsx";
import { incidentsParams } from "#lib/contract/incidents.ts";
import { windowOf } from "#lib/core/window.ts";
import { queryIncidents } from "#lib/query/incidents.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("incidents");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  const filter = incidentsFilterOf(await loadIncidentState(searchParams));
  const params = incidentsParams.safeParse(filter);
  const window = windowOf(filter, nowMs);
  // What cannot be asked is asked by the page itself, which says why.
  if (params.success && typeof window !== "string") {
    const found = await queryIncidents(db, { project, window }, params.data);
    answers.setQueryData(incidentsQuestion(filter).queryKey, found);
  }
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <IncidentsPage />
    </HydrationBoundary>
  );
}
