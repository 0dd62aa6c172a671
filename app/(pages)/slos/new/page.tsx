import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { SloForm } from "#components/slos/slo-form.tsx";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("sloForm");
  return { title: t("new") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  await pageQuestion(searchParams);
  return <SloForm slo={null} />;
}
