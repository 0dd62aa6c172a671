"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { ChannelItem, ChannelsAnswer } from "#lib/contract/channels.ts";

import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { useClock } from "../window/use-clock.ts";
import { channelsQuestion, deliveriesQuestion, routesQuestion } from "./notification-questions.ts";
import { Outcome } from "./outcome.tsx";
import { RoutesList } from "./routes-list.tsx";

import table from "../ui/table.module.css";
import styles from "./notifications.module.css";

/** Who is told of alerts: the channels with how their last message went, and the routes. */
export function NotificationsPage({ nowMs }: { readonly nowMs: number }) {
  const t = useTranslations("notifications");
  const channels = useQuery(channelsQuestion());
  const routes = useQuery(routesQuestion());
  const items = channels.data?.items ?? [];
  return (
    <>
      <div className={styles["head"]}>
        <div>
          <h1>{t("title")}</h1>
          <p>{t("lead")}</p>
        </div>
        <div className={styles["links"]}>
          <Link href="/settings/notifications/deliveries">{t("log")}</Link>
        </div>
      </div>
      <Failure error={channels.error ?? routes.error} />
      <Panel
        aside={<Link href="/settings/notifications/new">{t("add")}</Link>}
        title={t("channels")}
      >
        {channels.data !== undefined && items.length === 0 ? (
          <Nothing>{t("noChannels")}</Nothing>
        ) : (
          <ChannelsTable channels={items} kinds={channels.data?.kinds ?? []} nowMs={nowMs} />
        )}
      </Panel>
      <Panel
        aside={
          items.length === 0 ? null : (
            <Link href="/settings/notifications/routes">{t("editRoutes")}</Link>
          )
        }
        note={t("routesNote")}
        title={t("routes")}
      >
        {routes.data === undefined ? null : (
          <RoutesList channels={items} policy={routes.data.policy} />
        )}
      </Panel>
    </>
  );
}

interface ChannelsTableProps {
  readonly channels: readonly ChannelItem[];
  readonly kinds: ChannelsAnswer["kinds"];
  readonly nowMs: number;
}

function ChannelsTable({ channels, kinds, nowMs }: ChannelsTableProps) {
  const t = useTranslations("notifications");
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("channel")}</th>
          <th scope="col">{t("kind")}</th>
          <th scope="col">{t("use")}</th>
          <th scope="col">{t("last")}</th>
        </tr>
      </thead>
      <tbody>
        {channels.map((channel) => (
          <ChannelRow
            channel={channel}
            key={channel.id}
            kind={kinds.find(({ kind }) => kind === channel.kind)?.title ?? channel.kind}
            nowMs={nowMs}
          />
        ))}
      </tbody>
    </table>
  );
}

interface ChannelRowProps {
  readonly channel: ChannelItem;
  readonly kind: string;
  readonly nowMs: number;
}

function ChannelRow({ channel, kind, nowMs }: ChannelRowProps) {
  const t = useTranslations("notifications");
  return (
    <tr>
      <th scope="row">
        <span className={table["name"]}>
          <Link href={`/settings/notifications/${channel.id}`} prefetch={false}>
            {channel.name}
          </Link>
        </span>
        <span className={styles["sub"]}>{channel.hint}</span>
      </th>
      <td data-label={t("kind")}>{kind}</td>
      <td data-label={t("use")}>
        {channel.disabledReason === null ? (
          t("inUse")
        ) : (
          <span className={styles["outcome"]} data-tone="warn" title={channel.disabledReason}>
            {t("off")}
          </span>
        )}
      </td>
      <td className={styles["wide"]} data-label={t("last")}>
        <LastDelivery channel={channel.id} nowMs={nowMs} />
      </td>
    </tr>
  );
}

function LastDelivery({ channel, nowMs }: { readonly channel: string; readonly nowMs: number }) {
  const t = useTranslations("notifications");
  const clock = useClock(nowMs, 5_000);
  const { data } = useQuery(deliveriesQuestion({ channel, limit: 1 }));
  const [last] = data?.items ?? [];
  if (last === undefined) return <span className={styles["sub"]}>{t("never")}</span>;
  return (
    <>
      <Outcome delivery={last} />{" "}
      <Moment ago nowMs={clock} timeMs={Date.parse(last.finishedAt ?? last.createdAt)} />
      <Link
        className={styles["sub"]}
        href={`/settings/notifications/deliveries?channel=${channel}`}
        prefetch={false}
      >
        {last.title === "" ? last.reason : last.title}
      </Link>
    </>
  );
}
