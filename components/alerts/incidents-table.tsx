"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { IncidentItem } from "#lib/contract/incidents.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { AlertMark, Values } from "./alert-facts.tsx";
import { incidentAddress, placeOf, stateOfIncident } from "./prepare-alerts.ts";

import table from "../ui/table.module.css";
import styles from "./alerts.module.css";

interface IncidentsTableProps {
  readonly incidents: readonly IncidentItem[];
  readonly nowMs: number;
}

/** Incidents one by one: what fired, where, from when to when. */
export function IncidentsTable({ incidents, nowMs }: IncidentsTableProps) {
  const t = useTranslations("incidents");
  return (
    <table className={`${table["table"]} ${table["cards"]} ${styles["incidents"]}`}>
      <thead>
        <tr>
          {(["alert", "where", "state", "firedAt", "lasted", "values"] as const).map((name) => (
            <th key={name} scope="col">
              {t(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {incidents.map((incident) => (
          <Row
            incident={incident}
            key={`${incident.groupKey} ${incident.activeAt}`}
            nowMs={nowMs}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ incident, nowMs }: { readonly incident: IncidentItem; readonly nowMs: number }) {
  const t = useTranslations("incidents");
  const severity = useTranslations("severity");
  const upstreams = useTranslations("upstreams");
  const { main, via } = placeOf(incident.labels);
  return (
    <tr>
      <th scope="row">
        <Link className={styles["place"]} href={incidentAddress(incident)} prefetch={false}>
          {incident.labels["alertname"] ?? incident.ruleKey}
        </Link>
        <span className={styles["severity"]} data-severity={incident.severity}>
          {severity(incident.severity)}
        </span>
      </th>
      <td data-label={t("where")}>
        <span>{main}</span>
        {via === null ? null : (
          <span className={table["sub"]}>{upstreams("via", { proxy: via })}</span>
        )}
      </td>
      <td data-label={t("state")}>
        <AlertMark alert={{ state: stateOfIncident(incident), severity: incident.severity }} />
        {incident.acknowledged === null ? null : (
          <span className={table["sub"]}>
            {t("acknowledgedBy", { who: incident.acknowledged.by })}
          </span>
        )}
      </td>
      <td data-label={t("firedAt")}>
        <Moment nowMs={nowMs} timeMs={Date.parse(incident.firedAt)} />
      </td>
      <td data-label={t("lasted")}>
        <Lasted incident={incident} nowMs={nowMs} />
      </td>
      <td data-label={t("values")}>
        <Values values={incident.values} />
      </td>
    </tr>
  );
}

/** How long an incident fired; until now while it goes on. */
export function Lasted({
  incident: { firedAt, resolvedAt },
  nowMs,
}: {
  readonly incident: Pick<IncidentItem, "firedAt" | "resolvedAt">;
  readonly nowMs: number;
}) {
  const formats = useFormats();
  const endMs = resolvedAt === null ? nowMs : Date.parse(resolvedAt);
  const firedMs = Date.parse(firedAt);
  return (
    <span
      suppressHydrationWarning
      title={`${formats.absolute(firedMs)} – ${resolvedAt === null ? "" : formats.absolute(endMs)}`}
    >
      {formats.duration(Math.max(0, Math.round((endMs - firedMs) / 1_000) * 1_000))}
    </span>
  );
}
