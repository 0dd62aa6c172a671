"use client";

import { useTranslations } from "next-intl";

import type { ChannelItem } from "#lib/contract/channels.ts";
import type { NotificationPolicyDocument, RouteNodeDocument } from "#lib/contract/routes.ts";

import { useFormats } from "../format/use-formats.ts";
import { matchersText } from "./matcher-text.ts";

import styles from "./notifications.module.css";

interface RoutesListProps {
  readonly policy: NotificationPolicyDocument;
  readonly channels: readonly ChannelItem[];
}

/** Which alerts go to whom, in the order they are tried; the last line takes what no other took. */
export function RoutesList({ policy, channels }: RoutesListProps) {
  return (
    <ul className={styles["routes"]}>
      {policy.route.routes.map((route) => (
        <RouteLine channels={channels} key={JSON.stringify(route)} route={route} />
      ))}
      <RouteLine channels={channels} route={{ ...policy.route, routes: [] }} root />
    </ul>
  );
}

interface RouteLineProps {
  readonly route: RouteNodeDocument;
  readonly channels: readonly ChannelItem[];
  readonly root?: boolean;
}

function RouteLine({ route, channels, root = false }: RouteLineProps) {
  const t = useTranslations("routes");
  return (
    <li>
      {root ? t("others") : <code>{matchersText(route.matchers) || t("everything")}</code>}
      {" → "}
      <strong>{useReceivers(route, channels, root)}</strong>
      {route.continue ? ` ${t("continues")}` : null}
      <span className={styles["sub"]}>{useTimes(route)}</span>
      {route.routes.length === 0 ? null : (
        <ul>
          {route.routes.map((each) => (
            <RouteLine channels={channels} key={JSON.stringify(each)} route={each} />
          ))}
        </ul>
      )}
    </li>
  );
}

function useReceivers(
  route: RouteNodeDocument,
  channels: readonly ChannelItem[],
  root: boolean,
): string {
  const t = useTranslations("routes");
  if (route.channels === undefined) return root ? t("nobody") : t("asOthers");
  if (route.channels.length === 0) return t("nobody");
  return route.channels
    .map((id) => channels.find((channel) => channel.id === id)?.name ?? id)
    .join(", ");
}

/** The times that the route sets itself; the others come from the line for the rest. */
function useTimes(route: RouteNodeDocument): string {
  const t = useTranslations("routes");
  const formats = useFormats();
  const step = (ms: number): string => formats.step(ms / 1_000);
  const { groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs } = route;
  return [
    groupBy === undefined ? null : t("groupedBy", { labels: groupBy.join(", ") }),
    groupWaitMs === undefined ? null : t("waits", { wait: step(groupWaitMs) }),
    groupIntervalMs === undefined ? null : t("adds", { interval: step(groupIntervalMs) }),
    repeatIntervalMs === undefined ? null : t("repeats", { repeat: step(repeatIntervalMs) }),
  ]
    .filter((text) => text !== null)
    .join(" · ");
}
