import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import Link from "next/link";

import { ChannelPage } from "#components/notifications/channel-page.tsx";
import { Message } from "#components/ui/message.tsx";
import { readChannels } from "#lib/run/read-channels.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("channel");
  return { title: t("title") };
}

export default async function Page({ params, searchParams }: PageProps) {
  const { db, project } = await pageQuestion(searchParams);
  const { id } = await params;
  const { items, kinds } = await readChannels(await webNotify(db, project));
  const channel = items.find((each) => each.id === id);
  if (channel !== undefined) return <ChannelPage channel={channel} kinds={kinds} />;
  const t = await getTranslations("channel");
  return (
    <Message hint={t("unknownHint")} title={t("unknown")}>
      <Link href="/settings/notifications">{t("back")}</Link>
    </Message>
  );
}
