import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { SloForm } from "#components/slos/slo-form.tsx";
import { Message } from "#components/ui/message.tsx";
import { readSlo } from "#lib/run/read-slos.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly key: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("slo");
  return { title: t("edit") };
}

export default async function Page({ params, searchParams }: PageProps) {
  const { db, project, nowMs, keep } = await pageQuestion(searchParams);
  const found = await readSlo(db, { project, nowMs, keep }, (await params).key);
  if (found !== null) return <SloForm slo={found} />;
  const t = await getTranslations("slo");
  return (
    <Message hint={t("unknownHint")} title={t("unknown")}>
      <Link href="/slos">{t("back")}</Link>
    </Message>
  );
}
