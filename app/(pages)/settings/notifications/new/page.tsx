import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { ChannelPage } from "#components/notifications/channel-page.tsx";
import { readChannels } from "#lib/run/read-channels.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("channel");
  return { title: t("new") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project } = await pageQuestion(searchParams);
  const { kinds } = await readChannels(await webNotify(db, project));
  return <ChannelPage channel={null} kinds={kinds} />;
}
