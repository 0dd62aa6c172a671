import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { redirect } from "next/navigation";

import { OpenTracePage } from "#components/traces/open-trace-page.tsx";
import { traceIdIn } from "#components/ui/trace-id.ts";

import type { Search } from "../../page-question.ts";
import { requireSession } from "../../session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("traces");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  await requireSession();
  const { id } = await searchParams;
  const given = typeof id === "string" ? id : "";
  const traceId = traceIdIn(given);
  if (traceId !== null) redirect(`/traces/${traceId}`);
  return <OpenTracePage given={given.slice(0, 200)} />;
}
