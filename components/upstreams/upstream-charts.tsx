"use client";

import { useTranslations } from "next-intl";

import type { SeriesAnswer, SeriesMetric } from "#lib/contract/series.ts";

import type { ChartRow } from "../charts/prepare-time-chart.ts";
import type { RowStyle } from "../charts/row-style.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { useFormats } from "../format/use-formats.ts";
import { useWindow } from "../window/use-window.ts";
import { moves, percentiles, statusClasses } from "./upstream-questions.ts";

import styles from "./upstream-page.module.css";

interface UpstreamChartsProps {
  readonly answer: SeriesAnswer;
  readonly nowMs: number;
}

const classColors = {
  status1xx: "var(--class-1xx)",
  status2xx: "var(--class-2xx)",
  status3xx: "var(--class-3xx)",
  status4xx: "var(--class-4xx)",
  status5xx: "var(--class-5xx)",
  statusNone: "var(--class-none)",
} as const;

const lineStyles = {
  latencyMsP50: { color: "var(--line-p50)", dash: "solid", name: "latencyP50" },
  latencyMsP95: { color: "var(--line-p95)", dash: "solid", name: "latencyP95" },
  latencyMsP99: { color: "var(--line-p99)", dash: "dashed", name: "latencyP99" },
} as const;

const moveColors = {
  retries: "var(--move-retries)",
  failovers: "var(--move-failovers)",
  fallbacks: "var(--move-fallbacks)",
  tlsFailures: "var(--move-tls)",
} as const;

/** The charts of one upstream: answers by class, latency, error rate, and what followed failures. */
export function UpstreamCharts({ answer, nowMs }: UpstreamChartsProps) {
  return (
    <div className={styles["charts"]}>
      <AnswersChart answer={answer} nowMs={nowMs} />
      <LatencyChart answer={answer} nowMs={nowMs} />
      <ErrorRateChart answer={answer} nowMs={nowMs} />
      <MovesChart answer={answer} nowMs={nowMs} />
    </div>
  );
}

function AnswersChart({ answer, nowMs }: UpstreamChartsProps) {
  const t = useTranslations("upstream");
  const words = useTranslations("statusClass");
  const formats = useFormats();
  const onZoom = useZoom();
  const seen = rowsOf(answer, statusClasses).filter(
    (row) => row.key === "status2xx" || row.points.some(([, value]) => (value ?? 0) > 0),
  );
  return (
    <TimeChart
      format={formats.rate}
      kind="columns"
      nowMs={nowMs}
      onZoom={onZoom}
      rows={seen.map((row) => perSecond(row, answer.step))}
      stepSeconds={answer.step}
      styles={stylesOf(statusClasses, (key) => ({ label: words(key), color: classColors[key] }))}
      title={t("answers")}
      total
      unit={t("answersUnit")}
    />
  );
}

function LatencyChart({ answer, nowMs }: UpstreamChartsProps) {
  const t = useTranslations("upstream");
  const metric = useTranslations("metric");
  const formats = useFormats();
  const onZoom = useZoom();
  return (
    <TimeChart
      format={formats.duration}
      kind="lines"
      nowMs={nowMs}
      onZoom={onZoom}
      rows={rowsOf(answer, percentiles)}
      stepSeconds={answer.step}
      styles={stylesOf(percentiles, (key) => ({
        ...lineStyles[key],
        label: metric(lineStyles[key].name),
      }))}
      title={t("latency")}
      unit={t("latencyUnit")}
    />
  );
}

function ErrorRateChart({ answer, nowMs }: UpstreamChartsProps) {
  const t = useTranslations("upstream");
  const formats = useFormats();
  const onZoom = useZoom();
  return (
    <TimeChart
      format={formats.ratio}
      formatMark={formats.ratioMark}
      kind="lines"
      nowMs={nowMs}
      onZoom={onZoom}
      rows={rowsOf(answer, ["errorRate"])}
      stepSeconds={answer.step}
      styles={{ errorRate: { label: t("errorRate"), color: "var(--class-5xx)" } }}
      title={t("errorRate")}
      unit={t("errorRateUnit")}
    />
  );
}

function MovesChart({ answer, nowMs }: UpstreamChartsProps) {
  const t = useTranslations("upstream");
  const metric = useTranslations("metric");
  const formats = useFormats();
  const onZoom = useZoom();
  return (
    <TimeChart
      format={formats.count}
      kind="columns"
      nowMs={nowMs}
      onZoom={onZoom}
      rows={rowsOf(answer, moves)}
      stepSeconds={answer.step}
      styles={stylesOf(moves, (key) => ({ label: metric(key), color: moveColors[key] }))}
      title={t("moves")}
      unit={t("movesUnit")}
    />
  );
}

/** A stretch selected in a chart becomes the window of the page. */
function useZoom(): (fromMs: number, toMs: number) => void {
  const { setWindow } = useWindow();
  return (fromMs, toMs) =>
    setWindow({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
}

function rowsOf(answer: SeriesAnswer, metrics: readonly SeriesMetric[]): ChartRow[] {
  return metrics.flatMap((metric) => {
    const series = answer.series.find((each) => each.metric === metric);
    return series === undefined ? [] : [{ key: metric, points: series.points }];
  });
}

function perSecond(row: ChartRow, stepSeconds: number): ChartRow {
  return {
    ...row,
    points: row.points.map(([timeMs, value]) => [
      timeMs,
      value === null ? null : value / stepSeconds,
    ]),
  };
}

function stylesOf<Key extends string>(
  keys: readonly Key[],
  style: (key: Key) => RowStyle,
): Record<string, RowStyle> {
  return Object.fromEntries(keys.map((key) => [key, style(key)]));
}
