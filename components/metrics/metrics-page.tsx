"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";

import type { MetricSeriesAnswer } from "#lib/contract/metrics.ts";

import { TimeChart } from "../charts/time-chart.tsx";
import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Snippet } from "../ui/snippet.tsx";
import { Toolbar } from "../window/toolbar.tsx";
import { useWindow } from "../window/use-window.ts";
import { MeasuresTable } from "./measures-table.tsx";
import { MetricFilters, MetricSelect } from "./metric-filters.tsx";
import {
  measuresQuestion,
  metricKeys,
  metricParamsOf,
  metricSeriesQuestion,
  metricsQuestion,
} from "./metric-questions.ts";
import { metricSnippets } from "./metric-snippets.ts";
import { rowsOf, unitText, valueFormat } from "./prepare-metrics.ts";
import { TargetsTable } from "./targets-table.tsx";

import styles from "./metrics.module.css";

interface MetricsPageProps {
  readonly nowMs: number;
  /** Where this installation is reached, for what a reader copies. */
  readonly origin: string;
  readonly tokenAsked: boolean;
}

/** Metrics that were sent or scraped: one drawn over time, and what proxies count of themselves. */
export function MetricsPage({ nowMs, origin, tokenAsked }: MetricsPageProps) {
  const t = useTranslations("metrics");
  const { text } = useWindow();
  const [state] = useQueryStates(metricKeys);
  const metrics = useQuery(metricsQuestion(text));
  const items = metrics.data?.items ?? [];
  const name = state.metric ?? items[0]?.name ?? null;
  return (
    <>
      <Toolbar
        fetching={metrics.isFetching}
        title={<h1>{t("title")}</h1>}
        updatedAtMs={metrics.dataUpdatedAt}
      >
        {name === null ? null : <MetricSelect items={items} name={name} />}
      </Toolbar>
      <Failure error={metrics.error} />
      {metrics.data?.more === true ? <p className={styles["soft"]}>{t("more")}</p> : null}
      {name === null ? (
        <NoMetrics origin={origin} tokenAsked={tokenAsked} />
      ) : (
        <Drawn name={name} nowMs={nowMs} />
      )}
      <Measures nowMs={nowMs} />
    </>
  );
}

function Drawn({ name, nowMs }: { readonly name: string; readonly nowMs: number }) {
  const { text } = useWindow();
  const [state] = useQueryStates(metricKeys);
  const series = useQuery(metricSeriesQuestion(text, metricParamsOf(name, state)));
  if (series.data === undefined) return <Failure error={series.error} />;
  return (
    <>
      <MetricFilters answer={series.data} />
      <Failure error={series.error} />
      <Chart answer={series.data} nowMs={Math.max(nowMs, series.dataUpdatedAt)} />
    </>
  );
}

function Chart({ answer, nowMs }: { readonly answer: MetricSeriesAnswer; readonly nowMs: number }) {
  const t = useTranslations("metrics");
  const formats = useFormats();
  const { setWindow } = useWindow();
  const { rows, styles: looks } = rowsOf(answer);
  if (rows.length === 0) return <Nothing>{t("noPoints")}</Nothing>;
  return (
    <div className={styles["chart"]}>
      <TimeChart
        format={valueFormat(answer.unit, answer.reading, formats)}
        kind="lines"
        nowMs={nowMs}
        onZoom={(fromMs, toMs) =>
          setWindow({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() })
        }
        rows={rows}
        stepSeconds={answer.step}
        styles={looks}
        title={answer.name}
        unit={unitText(answer.unit, answer.reading)}
      />
      <p className={styles["soft"]}>
        {t("matched", { count: answer.matched })}
        {answer.leftOut === 0 ? null : `. ${t("leftOut", { count: answer.leftOut })}`}
      </p>
    </div>
  );
}

function Measures({ nowMs }: { readonly nowMs: number }) {
  const t = useTranslations("metrics");
  const { text } = useWindow();
  const measures = useQuery(measuresQuestion(text));
  const { items = [], targets = [] } = measures.data ?? {};
  return (
    <>
      <Failure error={measures.error} />
      {items.length === 0 ? null : (
        <Panel note={t("ownNote")} title={t("ownTitle")}>
          <MeasuresTable items={items} />
        </Panel>
      )}
      {targets.length === 0 ? null : (
        <Panel title={t("targets")}>
          <TargetsTable nowMs={Math.max(nowMs, measures.dataUpdatedAt)} targets={targets} />
        </Panel>
      )}
    </>
  );
}

function NoMetrics(address: { readonly origin: string; readonly tokenAsked: boolean }) {
  const t = useTranslations("metrics");
  return (
    <div className={styles["none"]}>
      <h2>{t("none")}</h2>
      <p>{t("noneHint")}</p>
      {metricSnippets(address).map(({ key, text }) => (
        <Snippet key={key} level={3} text={text} title={t(key)} />
      ))}
    </div>
  );
}
