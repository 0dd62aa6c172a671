import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { DeliveriesPage } from "#components/notifications/deliveries-page.tsx";
import { deliveriesFilterOf, loadDeliveryState } from "#components/notifications/delivery-state.ts";
import {
  channelsQuestion,
  deliveriesQuestion,
  deliveryQuestion,
} from "#components/notifications/notification-questions.ts";
import { deliveriesParams, deliveryParams } from "#lib/contract/deliveries.ts";
import { queryDeliveries, queryDelivery } from "#lib/query/deliveries.ts";
import { readChannels } from "#lib/run/read-channels.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("deliveries");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  const keys = await loadDeliveryState(searchParams);
  const filter = deliveriesFilterOf(keys);
  const asked = deliveriesParams.safeParse(filter);
  // What cannot be asked is asked by the page itself, which says why.
  if (asked.success) {
    const items = await queryDeliveries(db, project, asked.data);
    answers.setQueryData(deliveriesQuestion(filter).queryKey, { items });
  }
  const open = deliveryParams.safeParse({ id: keys.open });
  const shown = open.success ? await queryDelivery(db, project, open.data.id) : null;
  if (shown !== null) answers.setQueryData(deliveryQuestion(shown.delivery.id).queryKey, shown);
  answers.setQueryData(
    channelsQuestion().queryKey,
    await readChannels(await webNotify(db, project)),
  );
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <DeliveriesPage nowMs={nowMs} />
    </HydrationBoundary>
  );
}
