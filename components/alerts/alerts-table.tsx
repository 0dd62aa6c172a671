"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { AlertItem } from "#lib/contract/alerts.ts";

import { Moment } from "../ui/moment.tsx";
import { AlertMark, Remarks, Values } from "./alert-facts.tsx";
import { placeOf, sinceMs, type AlertGroup } from "./prepare-alerts.ts";

import table from "../ui/table.module.css";
import styles from "./alerts.module.css";

interface AlertsTableProps {
  readonly groups: readonly AlertGroup[];
  readonly nowMs: number;
}

/** Alerts under their rules. */
export function AlertsTable({ groups, nowMs }: AlertsTableProps) {
  const t = useTranslations("alerts");
  return (
    <table className={`${table["table"]} ${table["cards"]} ${styles["alerts"]}`}>
      <thead>
        <tr>
          {(["where", "state", "since", "values"] as const).map((name) => (
            <th key={name} scope="col">
              {t(name)}
            </th>
          ))}
        </tr>
      </thead>
      {groups.map((group) => (
        <Group group={group} key={`${group.severity} ${group.ruleKey}`} nowMs={nowMs} />
      ))}
    </table>
  );
}

function Group({ group, nowMs }: { readonly group: AlertGroup; readonly nowMs: number }) {
  const severity = useTranslations("severity");
  return (
    <tbody>
      <tr className={styles["rule"]}>
        <th colSpan={4} scope="rowgroup">
          <strong>{group.name}</strong>
          <span className={styles["severity"]} data-severity={group.severity}>
            {severity(group.severity)}
          </span>
        </th>
      </tr>
      {group.alerts.map((alert) => (
        <Row alert={alert} key={alert.fingerprint} nowMs={nowMs} />
      ))}
    </tbody>
  );
}

function Row({ alert, nowMs }: { readonly alert: AlertItem; readonly nowMs: number }) {
  const t = useTranslations("alerts");
  const upstreams = useTranslations("upstreams");
  const { main, via } = placeOf(alert.labels);
  return (
    <tr>
      <th scope="row">
        <Link className={styles["place"]} href={`/alerts/${alert.groupKey}`} prefetch={false}>
          {main}
        </Link>
        {via === null ? null : (
          <span className={table["sub"]}>{upstreams("via", { proxy: via })}</span>
        )}
      </th>
      <td data-label={t("state")}>
        <AlertMark alert={alert} />
        <Remarks alert={alert} />
      </td>
      <td data-label={t("since")}>
        <Moment ago nowMs={nowMs} timeMs={sinceMs(alert)} />
      </td>
      <td data-label={t("values")}>
        <Values values={alert.values} />
      </td>
    </tr>
  );
}
