import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { ExchangePage } from "#components/exchanges/exchange-page.tsx";
import { Message } from "#components/ui/message.tsx";
import { readExchange } from "#lib/run/read-exchange.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("exchange");
  return { title: t("title") };
}

interface PageProps {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export default async function Page({ params, searchParams }: PageProps) {
  const { db, project, nowMs } = await pageQuestion(searchParams);
  const found = await readExchange(db, { project, id: decodeURIComponent((await params).id) });
  if (found !== null) return <ExchangePage {...found} nowMs={nowMs} />;
  const t = await getTranslations("exchange");
  const app = await getTranslations("upstream");
  return (
    <Message hint={t("noneHint")} title={t("none")}>
      <Link href="/upstreams">{app("back")}</Link>
    </Message>
  );
}
