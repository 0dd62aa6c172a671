import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { ChangeSilencePage } from "#components/alerts/new-silence-page.tsx";
import { Message } from "#components/ui/message.tsx";
import { readSilences } from "#lib/run/silences.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("silence");
  return { title: t("changeTitle") };
}

export default async function Page({ params, searchParams }: PageProps) {
  const { db, project, nowMs } = await pageQuestion(searchParams);
  const { id } = await params;
  const silences = await readSilences(db, project, nowMs);
  const silence = silences.find((one) => one.id === id && one.state !== "expired");
  if (silence === undefined) return <Over />;
  return <ChangeSilencePage nowMs={nowMs} silence={silence} />;
}

async function Over() {
  const t = await getTranslations("silence");
  return (
    <Message hint={t("overHint")} title={t("over")}>
      <Link href="/alerts/silences">{t("back")}</Link>
    </Message>
  );
}
