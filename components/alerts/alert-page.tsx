"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import type { ReactNode } from "react";

import type { AlertAnswer } from "#lib/contract/alerts.ts";

import { Failure } from "../ui/failure.tsx";
import { Panel } from "../ui/panel.tsx";
import { AlertMark, Remarks } from "./alert-facts.tsx";
import { alertQuestion } from "./alert-questions.ts";
import { AlertsHead } from "./alerts-head.tsx";
import { AlertFigures, Labels } from "./incident-facts.tsx";
import { IncidentsTable } from "./incidents-table.tsx";
import { NoteForm } from "./note-form.tsx";
import { incidentAddress, placeOf, shownOf } from "./prepare-alerts.ts";
import { Timeline } from "./timeline.tsx";
import { WorstExchanges } from "./worst-exchanges.tsx";

import styles from "./alerts.module.css";

interface AlertPageProps {
  readonly rule: string;
  readonly fingerprint: string;
}

/** One incident of an alert: what fired, where to look, what happened since, and what can be done. */
export function AlertPage({ rule, fingerprint }: AlertPageProps) {
  const [incident] = useQueryState("incident", parseAsString);
  const { data, dataUpdatedAt, isFetching, error } = useQuery(
    alertQuestion(rule, fingerprint, incident),
  );
  return (
    <>
      <AlertsHead
        fetching={isFetching}
        title={data === undefined ? <h1>{rule}</h1> : <Title answer={data} rule={rule} />}
        updatedAtMs={dataUpdatedAt}
      />
      <Failure error={error} />
      {data === undefined ? null : (
        <Answered answer={data} nowMs={dataUpdatedAt}>
          <NoteForm alert={data.alert} fingerprint={fingerprint} incident={incident} rule={rule} />
        </Answered>
      )}
    </>
  );
}

interface AnsweredProps {
  readonly answer: AlertAnswer;
  readonly nowMs: number;
  /** What can be written beside it. */
  readonly children: ReactNode;
}

function Answered({ answer, nowMs, children }: AnsweredProps) {
  const t = useTranslations("alert");
  const shown = shownOf(answer);
  return (
    <>
      <Later answer={answer} />
      {shown === null ? null : <AlertFigures answer={answer} nowMs={nowMs} shown={shown} />}
      <div className={styles["columns"]}>
        <Panel title={t("timeline")}>
          <Timeline nowMs={nowMs} timeline={answer.timeline} />
        </Panel>
        <div>
          <Panel title={t("write")}>{children}</Panel>
          {shown === null ? null : <Labels labels={shown.labels} />}
        </div>
      </div>
      {shown === null ? null : <WorstExchanges answer={answer} shown={shown} />}
      <Others answer={answer} nowMs={nowMs} />
    </>
  );
}

interface TitleProps {
  readonly answer: AlertAnswer;
  readonly rule: string;
}

function Title({ answer, rule }: TitleProps) {
  const t = useTranslations("upstreams");
  const shown = shownOf(answer);
  if (shown === null) return <h1>{rule}</h1>;
  const { main, via } = placeOf(shown.labels);
  return (
    <>
      <h1 className={styles["title"]}>
        {shown.labels["alertname"] ?? main}
        <AlertMark alert={shown} />
      </h1>
      <p>
        <strong>{main}</strong>{" "}
        {via === null ? null : <span className={styles["soft"]}>{t("via", { proxy: via })}</span>}
      </p>
      <p className={styles["description"]}>{shown.annotations["description"]}</p>
      {answer.alert === null ? null : <Remarks alert={answer.alert} />}
    </>
  );
}

/** Says that the alert has fired again since. */
function Later({ answer: { incident, incidents } }: { readonly answer: AlertAnswer }) {
  const t = useTranslations("alert");
  const [last] = incidents;
  if (incident === null || last === undefined || last.activeAt === incident.activeAt) return null;
  return (
    <p className={styles["later"]}>
      {t("later")}{" "}
      <Link href={incidentAddress(last)} prefetch={false}>
        {t("seeLast")}
      </Link>
    </p>
  );
}

interface OthersProps {
  readonly answer: AlertAnswer;
  readonly nowMs: number;
}

function Others({ answer: { incident, incidents }, nowMs }: OthersProps) {
  const t = useTranslations("alert");
  const others = incidents.filter(({ activeAt }) => activeAt !== incident?.activeAt);
  if (others.length === 0) return null;
  return (
    <Panel note={t("othersNote")} title={t("others")}>
      <IncidentsTable incidents={others} nowMs={nowMs} />
    </Panel>
  );
}
