import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import {
  channelsQuestion,
  deliveriesQuestion,
  routesQuestion,
} from "#components/notifications/notification-questions.ts";
import { NotificationsPage } from "#components/notifications/notifications-page.tsx";
import { queryDeliveries } from "#lib/query/deliveries.ts";
import { readChannels } from "#lib/run/read-channels.ts";
import { readRoutes } from "#lib/run/read-routes.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  const [channels, routes] = await Promise.all([
    readChannels(await webNotify(db, project)),
    readRoutes(db, project),
  ]);
  answers.setQueryData(channelsQuestion().queryKey, channels);
  answers.setQueryData(routesQuestion().queryKey, routes);
  await Promise.all(
    channels.items.map(async ({ id }) => {
      const items = await queryDeliveries(db, project, { channel: id, limit: 1 });
      answers.setQueryData(deliveriesQuestion({ channel: id, limit: 1 }).queryKey, { items });
    }),
  );
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <NotificationsPage nowMs={nowMs} />
    </HydrationBoundary>
  );
}
