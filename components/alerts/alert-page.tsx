"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useState } from "react";

import type { AlertItem, TimelineItem } from "#lib/contract/alerts.ts";

import { exchangesQuestion } from "../data/questions.ts";
import { ExchangesTable } from "../exchanges/exchanges-table.tsx";
import { Failure } from "../ui/failure.tsx";
import { Figure } from "../ui/figure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { searchOf, upstreamAddress } from "../window/window-state.ts";
import { AlertMark, Remarks } from "./alert-facts.tsx";
import { alertDeliveriesQuestion, alertQuestion } from "./alert-questions.ts";
import { alertRange, alertWindow } from "./alert-window.ts";
import { AlertsHead } from "./alerts-head.tsx";
import { NoteForm } from "./note-form.tsx";
import { matchersOf, placeOf, sinceMs } from "./prepare-alerts.ts";
import { SilenceForm } from "./silence-form.tsx";
import { Timeline } from "./timeline.tsx";

import styles from "./alerts.module.css";

interface AlertPageProps {
  readonly rule: string;
  readonly fingerprint: string;
}

/** One alert: what fired, where to look, what happened since, and what can be done. */
export function AlertPage({ rule, fingerprint }: AlertPageProps) {
  const t = useTranslations("alert");
  const answer = useQuery(alertQuestion(rule, fingerprint));
  const alert = answer.data?.alert ?? null;
  const nowMs = answer.dataUpdatedAt;
  return (
    <>
      <AlertsHead
        fetching={answer.isFetching}
        title={alert === null ? <Over rule={rule} /> : <Title alert={alert} />}
        updatedAtMs={nowMs}
      />
      <Failure error={answer.error} />
      {alert === null ? null : <Facts alert={alert} nowMs={nowMs} />}
      <div className={styles["columns"]}>
        <Happened
          groupKey={`${rule}/${fingerprint}`}
          nowMs={nowMs}
          timeline={answer.data?.timeline ?? []}
        />
        <Panel title={t("write")}>
          <NoteForm alert={alert} fingerprint={fingerprint} rule={rule} />
        </Panel>
      </div>
      {alert === null ? null : <Worst alert={alert} />}
    </>
  );
}

interface HappenedProps {
  readonly groupKey: string;
  readonly timeline: readonly TimelineItem[];
  readonly nowMs: number;
}

function Happened({ groupKey, timeline, nowMs }: HappenedProps) {
  const t = useTranslations("alert");
  const deliveries = useQuery(alertDeliveriesQuestion(groupKey));
  return (
    <Panel title={t("timeline")}>
      <Failure error={deliveries.error} />
      <Timeline deliveries={deliveries.data?.items ?? []} nowMs={nowMs} timeline={timeline} />
    </Panel>
  );
}

function Title({ alert }: { readonly alert: AlertItem }) {
  const t = useTranslations("upstreams");
  const { main, via } = placeOf(alert.labels);
  return (
    <>
      <h1 className={styles["title"]}>
        {alert.labels["alertname"] ?? alert.ruleKey}
        <AlertMark alert={alert} />
      </h1>
      <p>
        <strong>{main}</strong>{" "}
        {via === null ? null : <span className={styles["soft"]}>{t("via", { proxy: via })}</span>}
      </p>
      <p className={styles["description"]}>{alert.annotations["description"]}</p>
      <Remarks alert={alert} />
    </>
  );
}

function Over({ rule }: { readonly rule: string }) {
  const t = useTranslations("alert");
  return (
    <>
      <h1>{rule}</h1>
      <p className={styles["soft"]}>{t("over")}</p>
    </>
  );
}

interface FactsProps {
  readonly alert: AlertItem;
  readonly nowMs: number;
}

function Facts({ alert, nowMs }: FactsProps) {
  const t = useTranslations("alert");
  const severity = useTranslations("severity");
  return (
    <>
      <dl className={styles["figures"]}>
        <Figure
          label={alert.state === "resolved" ? t("resolvedAt") : t("since")}
          value={<Moment ago nowMs={nowMs} timeMs={sinceMs(alert)} />}
        />
        <Figure label={t("severity")} value={severity(alert.severity)} />
        {alert.values.map(({ name, text }) => (
          <Figure key={name} label={name} value={text} />
        ))}
      </dl>
      <Doing alert={alert} nowMs={nowMs} />
    </>
  );
}

/** Where to look, and how to be left in peace. */
function Doing({ alert, nowMs }: FactsProps) {
  const t = useTranslations("alert");
  const [silencing, setSilencing] = useState(false);
  return (
    <>
      <div className={styles["doing"]}>
        <Evidence alert={alert} nowMs={nowMs} />
        {alert.state === "resolved" ? null : (
          <Button
            aria-expanded={silencing}
            color="gray"
            onClick={() => setSilencing(!silencing)}
            size="compact-md"
            variant="default"
          >
            {t("silence")}
          </Button>
        )}
      </div>
      {silencing ? (
        <SilenceForm matchers={matchersOf(alert.labels)} onDone={() => setSilencing(false)} />
      ) : null}
    </>
  );
}

function Evidence({ alert, nowMs }: FactsProps) {
  const t = useTranslations("alert");
  const range = alertRange(alert, nowMs);
  const { proxy, upstream } = alert.labels;
  const runbook = alert.annotations["runbook_url"];
  return (
    <ul className={styles["evidence"]}>
      {proxy === undefined || upstream === undefined ? null : (
        <li>
          <Link href={upstreamAddress(range, proxy, upstream)} prefetch={false}>
            {t("seeUpstream", { upstream })}
          </Link>
        </li>
      )}
      {proxy === undefined ? null : (
        <li>
          <Link href={`/upstreams${searchOf(range, { proxy })}`} prefetch={false}>
            {t("seeProxy", { proxy })}
          </Link>
        </li>
      )}
      {runbook === undefined ? null : (
        <li>
          <a href={runbook} rel="noreferrer">
            {t("runbook")}
          </a>
        </li>
      )}
    </ul>
  );
}

function Worst({ alert }: { readonly alert: AlertItem }) {
  const t = useTranslations("upstream");
  const words = useTranslations("overview");
  const { proxy, upstream } = alert.labels;
  const wanted = proxy === undefined ? {} : { proxy, upstream };
  const exchanges = useQuery({
    ...exchangesQuestion(alertWindow(alert), wanted),
    enabled: proxy !== undefined,
  });
  if (proxy === undefined) return null;
  const items = exchanges.data?.items ?? [];
  return (
    <Panel note={words("worstFirst")} title={t("worst")}>
      {items.length === 0 ? (
        <Nothing>{t("noExchanges")}</Nothing>
      ) : (
        <ExchangesTable exchanges={items} nowMs={exchanges.dataUpdatedAt} />
      )}
    </Panel>
  );
}
