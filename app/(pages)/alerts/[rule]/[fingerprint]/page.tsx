import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { AlertPage } from "#components/alerts/alert-page.tsx";
import {
  alertDeliveriesQuestion,
  alertQuestion,
  deliveriesShown,
} from "#components/alerts/alert-questions.ts";
import { alertWindow } from "#components/alerts/alert-window.ts";
import { exchangesQuestion } from "#components/data/questions.ts";
import { Message } from "#components/ui/message.tsx";
import { alertParams, type AlertItem } from "#lib/contract/alerts.ts";
import { exchangesParams } from "#lib/contract/exchanges.ts";
import { windowOf } from "#lib/core/window.ts";
import { queryDeliveries } from "#lib/query/deliveries.ts";
import { readAlert } from "#lib/run/read-alerts.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";

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
  const named = alertParams.safeParse(await params);
  const found = named.success ? await readAlert(db, project, named.data, nowMs) : null;
  if (!named.success || found === null) return <Unknown />;
  const { rule, fingerprint } = named.data;
  const groupKey = `${rule}/${fingerprint}`;
  const deliveries = await queryDeliveries(db, project, {
    alert: groupKey,
    limit: deliveriesShown,
  });
  answers.setQueryData(alertQuestion(rule, fingerprint).queryKey, found);
  answers.setQueryData(alertDeliveriesQuestion(groupKey).queryKey, { items: deliveries });
  if (found.alert !== null) await askExchanges(asked, found.alert);
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <AlertPage fingerprint={fingerprint} rule={rule} />
    </HydrationBoundary>
  );
}

async function askExchanges(
  { db, project, keep, answers, nowMs }: Asked,
  alert: AlertItem,
): Promise<void> {
  const { proxy, upstream } = alert.labels;
  const text = alertWindow(alert);
  const window = windowOf(text, nowMs);
  if (proxy === undefined || typeof window === "string") return;
  const scope = { proxy, upstream };
  const items = await readExchanges(db, { project, window, keep }, exchangesParams.parse(scope));
  answers.setQueryData(exchangesQuestion(text, scope).queryKey, { items });
}

async function Unknown() {
  const t = await getTranslations("alert");
  return (
    <Message hint={t("noneHint")} title={t("none")}>
      <Link href="/alerts">{t("back")}</Link>
    </Message>
  );
}
