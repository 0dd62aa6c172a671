"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { OperationsAnswer } from "#lib/contract/operations.ts";

import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Toolbar } from "../window/toolbar.tsx";
import { useWindow } from "../window/use-window.ts";
import { DiskTable, RetentionTable } from "./disk-table.tsx";
import { OperationsCharts } from "./operations-charts.tsx";
import { OperationsFigures } from "./operations-figures.tsx";
import { operationsQuestion } from "./operations-questions.ts";
import { ProcessesTable } from "./processes-table.tsx";
import { RefusalsTable } from "./refusals-table.tsx";
import { SendersTable } from "./senders-table.tsx";

import styles from "./operations.module.css";

/** How this installation itself is doing: what comes in, who sends it, what room is left. */
export function OperationsPage() {
  const t = useTranslations("operations");
  const { text } = useWindow();
  const { data, error, isFetching, dataUpdatedAt } = useQuery(operationsQuestion(text));
  return (
    <>
      <Toolbar
        fetching={isFetching}
        title={
          <>
            <h1>{t("title")}</h1>
            <p className={styles["lead"]}>{t("lead")}</p>
          </>
        }
        updatedAtMs={dataUpdatedAt}
      >
        <Link href="/settings/tokens">{t("tokens")}</Link>
      </Toolbar>
      <Failure error={error} />
      {data === undefined ? null : <Parts answer={data} nowMs={dataUpdatedAt} />}
    </>
  );
}

/** What the disk damaged: nothing here repairs it, so it is told above all else. */
function Damaged({ unreadable }: Pick<OperationsAnswer, "unreadable">) {
  const t = useTranslations("operations");
  const words = useTranslations("storedKind");
  if (unreadable.length === 0) return null;
  return (
    <p className={styles["damaged"]} role="status">
      {unreadable.map(({ kind, rows }) => (
        <strong key={kind}>{words(kind, { count: rows })}</strong>
      ))}{" "}
      {t("unreadableHint")}
    </p>
  );
}

function Parts({ answer, nowMs }: { readonly answer: OperationsAnswer; readonly nowMs: number }) {
  const t = useTranslations("operations");
  const { items, total } = answer.senders;
  return (
    <>
      <Damaged unreadable={answer.unreadable} />
      <OperationsFigures answer={answer} />
      <OperationsCharts answer={answer} nowMs={nowMs} />
      <Panel note={t("refusalsNote")} title={t("refusals")}>
        <RefusalsTable answer={answer} />
      </Panel>
      <Panel note={t("sendersNote", { shown: items.length, total })} title={t("senders")}>
        <SendersTable nowMs={nowMs} senders={items} />
      </Panel>
      <Panel
        note={
          <>
            {t("diskNote")} <Moment ago nowMs={nowMs} timeMs={Date.parse(answer.disk.measuredAt)} />
          </>
        }
        title={t("disk")}
      >
        <DiskTable days={answer.disk.days} />
      </Panel>
      <Panel note={t("retentionNote")} title={t("retention")}>
        <RetentionTable rows={answer.retention} />
      </Panel>
      <Panel note={t("processesNote")} title={t("processes")}>
        <ProcessesTable nowMs={nowMs} processes={answer.processes} />
      </Panel>
    </>
  );
}
