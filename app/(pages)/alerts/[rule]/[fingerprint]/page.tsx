import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { AlertPage } from "#components/alerts/alert-page.tsx";
import { alertQuestion } from "#components/alerts/alert-questions.ts";
import { alertWindow } from "#components/alerts/alert-window.ts";
import { shownOf, type ShownAlert } from "#components/alerts/prepare-alerts.ts";
import { exchangesQuestion } from "#components/data/questions.ts";
import { Message } from "#components/ui/message.tsx";
import { alertParams, alertSearch } from "#lib/contract/alerts.ts";
import { exchangesParams } from "#lib/contract/exchanges.ts";
import { windowOf } from "#lib/core/window.ts";
import { readAlert } from "#lib/run/read-alert.ts";
import { answerExchanges } from "#lib/run/read-exchanges.ts";
import { webTelemetryDays } from "#lib/run/web-database.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly rule: string; readonly fingerprint: string }>;
  readonly searchParams: Search;
}

type Asked = Awaited<ReturnType<typeof pageQuestion>>;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("alert");
  return { title: t("title") };
}

export default async function Page({ params, searchParams }: PageProps) {
  const asked = await pageQuestion(searchParams);
  const { db, project, answers, nowMs } = asked;
  const { incident } = await searchParams;
  const named = alertParams
    .extend(alertSearch.shape)
    .safeParse({ ...(await params), ...(incident !== undefined && { incident }) });
  if (!named.success) return <Unknown />;
  const question = { ...named.data, telemetryKeptDays: webTelemetryDays() };
  const found = await readAlert(db, project, question, nowMs);
  if (found === null) return <Unknown />;
  const { rule, fingerprint } = named.data;
  const key = alertQuestion(rule, fingerprint, named.data.incident ?? null).queryKey;
  answers.setQueryData(key, found);
  const shown = shownOf(found);
  if (shown !== null) await askExchanges(asked, shown);
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <AlertPage fingerprint={fingerprint} rule={rule} />
    </HydrationBoundary>
  );
}

async function askExchanges(
  { db, project, keep, answers, nowMs }: Asked,
  alert: ShownAlert,
): Promise<void> {
  const { proxy, upstream } = alert.labels;
  const text = alertWindow(alert);
  const window = windowOf(text, nowMs);
  if (proxy === undefined || typeof window === "string") return;
  const scope = { proxy, upstream };
  const found = await answerExchanges(db, { project, window, keep }, exchangesParams.parse(scope));
  answers.setQueryData(exchangesQuestion(text, scope).queryKey, found);
}

async function Unknown() {
  const t = await getTranslations("alert");
  return (
    <Message hint={t("noneHint")} title={t("none")}>
      <Link href="/alerts/incidents">{t("back")}</Link>
    </Message>
  );
}
