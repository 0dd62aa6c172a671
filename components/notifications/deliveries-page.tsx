"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useQueryStates } from "nuqs";

import type { ChannelItem } from "#lib/contract/channels.ts";
import type { DeliveryItem } from "#lib/contract/deliveries.ts";

import { send } from "../data/send.ts";
import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import { useClock } from "../window/use-clock.ts";
import { DeliveryAttempts } from "./delivery-attempts.tsx";
import { deliveriesFilterOf, deliveryKeys, deliveryStates } from "./delivery-state.ts";
import {
  channelsQuestion,
  deliveriesQuestion,
  deliveryQuestion,
} from "./notification-questions.ts";
import { Outcome } from "./outcome.tsx";

import table from "../ui/table.module.css";
import toolbar from "../window/toolbar.module.css";
import styles from "./notifications.module.css";

/** Every message to every channel: how it went, what is tried again when, and the whole of each attempt. */
export function DeliveriesPage({ nowMs }: { readonly nowMs: number }) {
  const t = useTranslations("deliveries");
  const [keys] = useQueryStates(deliveryKeys);
  const filter = deliveriesFilterOf(keys);
  const deliveries = useQuery(deliveriesQuestion(filter));
  const channels = useQuery(channelsQuestion());
  const items = deliveries.data?.items ?? [];
  const linked = useLinked(keys.open, items);
  const oldest = items.length === filter.limit ? items.at(-1) : undefined;
  return (
    <>
      <div className={styles["head"]}>
        <div>
          <h1>{t("title")}</h1>
          <p>{t("lead")}</p>
        </div>
        <Link href="/settings/notifications">{t("back")}</Link>
      </div>
      <Failure error={deliveries.error ?? channels.error} />
      <Panel aside={<Filters channels={channels.data?.items ?? []} />} title={t("messages")}>
        {deliveries.data !== undefined && linked.length + items.length === 0 ? (
          <Nothing>{t("none")}</Nothing>
        ) : (
          <DeliveriesTable deliveries={[...linked, ...items]} nowMs={nowMs} />
        )}
        <Paging oldest={oldest?.createdAt} />
      </Panel>
    </>
  );
}

/** The delivery that the address opens, where it is none of the listed: a link stays good when newer ones come. */
function useLinked(open: string | null, items: readonly DeliveryItem[]): readonly DeliveryItem[] {
  const isListed = open === null || items.some(({ id }) => id === open);
  const linked = useQuery({ ...deliveryQuestion(open ?? ""), enabled: !isListed });
  return isListed || linked.data === undefined ? [] : [linked.data.delivery];
}

function Filters({ channels }: { readonly channels: readonly ChannelItem[] }) {
  const t = useTranslations("deliveries");
  const [{ channel, state }, setKeys] = useQueryStates(deliveryKeys, { history: "push" });
  return (
    <div className={styles["filters"]}>
      <select
        aria-label={t("channel")}
        className={toolbar["select"]}
        onChange={(event) => void setKeys({ channel: event.target.value || null, before: null })}
        value={channel ?? ""}
      >
        <option value="">{t("allChannels")}</option>
        {channels.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t("state")}
        className={toolbar["select"]}
        onChange={(event) =>
          void setKeys({
            state: deliveryStates.find((each) => each === event.target.value) ?? null,
            before: null,
          })
        }
        value={state ?? ""}
      >
        <option value="">{t("allStates")}</option>
        {deliveryStates.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Paging({ oldest }: { readonly oldest: string | undefined }) {
  const t = useTranslations("deliveries");
  const [{ before }, setKeys] = useQueryStates(deliveryKeys, { history: "push" });
  if (oldest === undefined && before === null) return null;
  return (
    <div className={`${styles["filters"]} ${styles["details"]}`}>
      {before === null ? null : (
        <Button onClick={() => void setKeys({ before: null })} size="xs" variant="default">
          {t("newest")}
        </Button>
      )}
      {oldest === undefined ? null : (
        <Button onClick={() => void setKeys({ before: oldest })} size="xs" variant="default">
          {t("older")}
        </Button>
      )}
    </div>
  );
}

interface DeliveriesTableProps {
  readonly deliveries: readonly DeliveryItem[];
  readonly nowMs: number;
}

function DeliveriesTable({ deliveries, nowMs }: DeliveriesTableProps) {
  const t = useTranslations("deliveries");
  const clock = useClock(nowMs, 5_000);
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("message")}</th>
          <th scope="col">{t("channel")}</th>
          <th scope="col">{t("time")}</th>
          <th scope="col">{t("state")}</th>
          <th className={table["number"]} scope="col">
            {t("attempts")}
          </th>
          <th scope="col">{t("next")}</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <DeliveryRows delivery={delivery} key={delivery.id} nowMs={clock} />
        ))}
      </tbody>
    </table>
  );
}

function DeliveryRows({ delivery, nowMs }: { delivery: DeliveryItem; nowMs: number }) {
  const t = useTranslations("deliveries");
  const [{ open }, setKeys] = useQueryStates(deliveryKeys);
  const isOpen = open === delivery.id;
  return (
    <>
      <tr>
        <th scope="row">
          <button
            aria-expanded={isOpen}
            className={styles["expand"]}
            onClick={() => void setKeys({ open: isOpen ? null : delivery.id })}
            type="button"
          >
            {delivery.title === "" ? delivery.reason : delivery.title}
          </button>
          <span className={styles["sub"]}>
            {delivery.kind === "resend" ? t("resent") : delivery.reason}
          </span>
        </th>
        <td data-label={t("channel")}>{delivery.channelName}</td>
        <td data-label={t("time")}>
          <Moment nowMs={nowMs} timeMs={Date.parse(delivery.createdAt)} />
        </td>
        <td data-label={t("state")}>
          <Outcome delivery={delivery} />
        </td>
        <td className={table["number"]} data-label={t("attempts")}>
          {delivery.attempts}
        </td>
        <td data-label={t("next")}>
          {delivery.nextAttemptAt === null ? (
            "–"
          ) : (
            <Moment nowMs={nowMs} timeMs={Date.parse(delivery.nextAttemptAt)} />
          )}
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td className={styles["wide"]} colSpan={6}>
            <div className={styles["details"]}>
              {delivery.problem === null ? null : <p>{delivery.problem}</p>}
              <Resend delivery={delivery} />
              <DeliveryAttempts id={delivery.id} nowMs={nowMs} />
            </div>
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Resend({ delivery }: { readonly delivery: DeliveryItem }) {
  const t = useTranslations("deliveries");
  const queries = useQueryClient();
  const resend = useMutation({
    mutationFn: () =>
      send(
        "POST",
        `deliveries/${delivery.id}/resend`,
        undefined,
        async () => (await import("#lib/contract/deliveries.ts")).deliveryResent,
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["deliveries"] }),
  });
  return (
    <>
      <Button
        loading={resend.isPending}
        onClick={() => resend.mutate()}
        size="compact-xs"
        variant="default"
      >
        {t("resend")}
      </Button>
      <Refused error={resend.error} />
    </>
  );
}
