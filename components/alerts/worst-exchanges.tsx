"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { AlertAnswer } from "#lib/contract/alerts.ts";

import { exchangesQuestion } from "../data/questions.ts";
import { ExchangesTable } from "../exchanges/exchanges-table.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { alertWindow } from "./alert-window.ts";
import type { ShownAlert } from "./prepare-alerts.ts";

import styles from "./alerts.module.css";

interface WorstExchangesProps {
  readonly answer: AlertAnswer;
  readonly shown: ShownAlert;
}

/** The exchanges that set an incident off, and the worst of all its time. */
export function WorstExchanges({ answer, shown }: WorstExchangesProps) {
  const { incident, telemetryKeptDays } = answer;
  return (
    <>
      {incident === null || incident.exchanges.length === 0 ? null : (
        <Told days={telemetryKeptDays} exchanges={incident.exchanges} />
      )}
      <Worst days={telemetryKeptDays} shown={shown} />
    </>
  );
}

interface ToldProps {
  readonly exchanges: NonNullable<AlertAnswer["incident"]>["exchanges"];
  readonly days: number;
}

function Told({ exchanges, days }: ToldProps) {
  const t = useTranslations("alert");
  return (
    <Panel note={t("toldNote")} title={t("told")}>
      <ul className={styles["told"]}>
        {exchanges.map(({ path, title, kept }) => (
          <li key={path}>
            {kept ? (
              <Link href={path} prefetch={false}>
                <code>{title}</code>
              </Link>
            ) : (
              <code>{title}</code>
            )}
          </li>
        ))}
      </ul>
      {exchanges.every(({ kept }) => kept) ? null : (
        <p className={styles["soft"]}>{t("dropped", { days })}</p>
      )}
    </Panel>
  );
}

interface WorstProps {
  readonly shown: ShownAlert;
  readonly days: number;
}

function Worst({ shown, days }: WorstProps) {
  const t = useTranslations("upstream");
  const own = useTranslations("alert");
  const words = useTranslations("overview");
  const { proxy, upstream } = shown.labels;
  const wanted = proxy === undefined ? {} : { proxy, upstream };
  const exchanges = useQuery({
    ...exchangesQuestion(alertWindow(shown), wanted),
    enabled: proxy !== undefined,
  });
  if (proxy === undefined) return null;
  const items = exchanges.data?.items ?? [];
  const isOld = Date.parse(shown.resolvedAt ?? "") < exchanges.dataUpdatedAt - days * 86_400_000;
  return (
    <Panel note={words("worstFirst")} title={t("worst")}>
      <Unreadable rows={exchanges.data?.unreadable} />
      {items.length === 0 ? (
        <Nothing>{isOld ? own("dropped", { days }) : t("noExchanges")}</Nothing>
      ) : (
        <ExchangesTable exchanges={items} nowMs={exchanges.dataUpdatedAt} />
      )}
    </Panel>
  );
}
