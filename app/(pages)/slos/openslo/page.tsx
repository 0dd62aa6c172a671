import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { OpenSloPage } from "#components/slos/openslo-page.tsx";
import { exportOpenSlo } from "#lib/run/openslo.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("openSlo");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project } = await pageQuestion(searchParams);
  return <OpenSloPage yaml={await exportOpenSlo(db, project)} />;
}
