"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { parseAsStringLiteral, useQueryState, useQueryStates } from "nuqs";

import type { AlertItem } from "#lib/contract/alerts.ts";
import { severities } from "#lib/core/severity.ts";

import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { ProxyFilter } from "../window/toolbar.tsx";
import { filterKeys } from "../window/window-state.ts";
import { alertsQuestion } from "./alert-questions.ts";
import { AlertsHead } from "./alerts-head.tsx";
import { AlertsTable } from "./alerts-table.tsx";
import { isFiring, prepareAlerts } from "./prepare-alerts.ts";

import toolbar from "../window/toolbar.module.css";
import styles from "./alerts.module.css";

const severityKey = parseAsStringLiteral(severities);

/** What fires now, what may soon, and what lately ended. */
export function AlertsPage() {
  const t = useTranslations("alerts");
  const alerts = useQuery(alertsQuestion());
  const all = alerts.data?.items ?? [];
  const shown = useWanted(all);
  const sections = prepareAlerts(shown);
  const nowMs = alerts.dataUpdatedAt;
  return (
    <>
      <AlertsHead fetching={alerts.isFetching} title={<Summary alerts={all} />} updatedAtMs={nowMs}>
        <SeverityFilter />
        <ProxyFilter proxies={proxiesOf(all)} />
      </AlertsHead>
      <Failure error={alerts.error} />
      <Panel note={t("worstFirst")} title={t("firing")}>
        {sections.firing.length === 0 ? (
          <Nothing>{all.length > shown.length ? t("noneMatch") : t("noneFiring")}</Nothing>
        ) : (
          <AlertsTable groups={sections.firing} nowMs={nowMs} />
        )}
      </Panel>
      {sections.pending.length === 0 ? null : (
        <Panel note={t("pendingNote")} title={t("pending")}>
          <AlertsTable groups={sections.pending} nowMs={nowMs} />
        </Panel>
      )}
      {sections.resolved.length === 0 ? null : (
        <Panel note={t("resolvedNote")} title={t("resolved")}>
          <AlertsTable groups={sections.resolved} nowMs={nowMs} />
        </Panel>
      )}
      <p className={styles["onward"]}>
        <Link href="/alerts/incidents" prefetch={false}>
          {t("seeIncidents")}
        </Link>
      </p>
    </>
  );
}

function Summary({ alerts }: { readonly alerts: readonly AlertItem[] }) {
  const t = useTranslations("alerts");
  const firing = alerts.filter(isFiring);
  const open = firing.filter(
    ({ acknowledged, silencedBy }) => acknowledged === null && silencedBy.length === 0,
  );
  return (
    <>
      <h1>{t("alerts")}</h1>
      <p className={styles["soft"]} role="status">
        {t("summary", { firing: firing.length, open: open.length })}
      </p>
    </>
  );
}

function SeverityFilter() {
  const t = useTranslations("alerts");
  const words = useTranslations("severity");
  const [severity, setSeverity] = useQueryState(
    "severity",
    severityKey.withOptions({ history: "push" }),
  );
  return (
    <select
      aria-label={t("severity")}
      className={toolbar["select"]}
      onChange={(event) => void setSeverity(severityKey.parse(event.target.value))}
      value={severity ?? ""}
    >
      <option value="">{t("allSeverities")}</option>
      {severities.map((name) => (
        <option key={name} value={name}>
          {words(name)}
        </option>
      ))}
    </select>
  );
}

/** The alerts that the address asks for. */
function useWanted(alerts: readonly AlertItem[]): AlertItem[] {
  const [severity] = useQueryState("severity", severityKey);
  const [{ proxy }] = useQueryStates(filterKeys);
  return alerts.filter(
    (alert) =>
      (severity === null || alert.severity === severity) &&
      (proxy === null || alert.labels["proxy"] === proxy),
  );
}

function proxiesOf(alerts: readonly AlertItem[]): string[] {
  const names = alerts.flatMap(({ labels: { proxy } }) => (proxy === undefined ? [] : [proxy]));
  return [...new Set(names)].toSorted();
}
