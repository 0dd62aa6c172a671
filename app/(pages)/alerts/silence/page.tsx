import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { NewSilencePage } from "#components/alerts/new-silence-page.tsx";

import type { Search } from "../../../page-question.ts";
import { requireSession } from "../../../session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("silence");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  await requireSession();
  const { matcher = [] } = await searchParams;
  return <NewSilencePage matchers={[matcher].flat().join(", ")} nowMs={Date.now()} />;
}
