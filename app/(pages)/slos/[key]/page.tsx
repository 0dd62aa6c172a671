import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { SloPage } from "#components/slos/slo-page.tsx";
import { sloQuestion } from "#components/slos/slo-questions.ts";
import { Message } from "#components/ui/message.tsx";
import { readSlo } from "#lib/run/read-slos.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly key: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: (await params).key };
}

export default async function Page({ params, searchParams }: PageProps) {
  const { db, project, answers, nowMs, keep } = await pageQuestion(searchParams);
  const { key } = await params;
  const found = await readSlo(db, { project, nowMs, keep }, key);
  if (found === null) {
    const t = await getTranslations("slo");
    return (
      <Message hint={t("unknownHint")} title={t("unknown")}>
        <Link href="/slos">{t("back")}</Link>
      </Message>
    );
  }
  answers.setQueryData(sloQuestion(key).queryKey, found);
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <SloPage nowMs={nowMs} sloKey={key} />
    </HydrationBoundary>
  );
}
