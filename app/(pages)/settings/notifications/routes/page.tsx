import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { RoutesExplain } from "#components/notifications/routes-explain.tsx";
import { RoutesForm } from "#components/notifications/routes-form.tsx";
import { readChannels } from "#lib/run/read-channels.ts";
import { readRoutes } from "#lib/run/read-routes.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("routes");
  return { title: t("edit") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project } = await pageQuestion(searchParams);
  const [channels, answer] = await Promise.all([
    readChannels(await webNotify(db, project)),
    readRoutes(db, project),
  ]);
  return (
    <>
      <RoutesForm answer={answer} channels={channels.items} key={answer.revision} />
      <RoutesExplain />
    </>
  );
}
