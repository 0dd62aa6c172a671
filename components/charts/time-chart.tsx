"use client";

import { useTimeZone, useTranslations } from "next-intl";

import { useFormats } from "../format/use-formats.ts";
import { ChartReading } from "./chart-reading.tsx";
import { timeTicks, zoneOffsetMs } from "./prepare-axis.ts";
import {
  prepareTimeChart,
  type ChartKind,
  type ChartRow,
  type TimeChart as Prepared,
} from "./prepare-time-chart.ts";
import type { RowStyle } from "./row-style.ts";
import { useChartPointer } from "./use-chart-pointer.ts";

import styles from "./time-chart.module.css";

interface TimeChartProps {
  readonly title: string;
  /** What the values are, such as "attempts per second". */
  readonly unit: string;
  readonly kind: ChartKind;
  readonly rows: readonly ChartRow[];
  readonly styles: Readonly<Record<string, RowStyle>>;
  readonly stepSeconds: number;
  /** When the values were read; the bucket of that time has not ended. */
  readonly nowMs: number;
  readonly format: (value: number | null) => string;
  /** How the marks of the value axis are written, where it is not as the values are. */
  readonly formatMark?: (value: number) => string;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** Columns also say their sum. */
  readonly total?: boolean;
}

const ticksMax = 6;

/** A chart over time: it says its unit and buckets, shows gaps as gaps, reads out under pointer and keys, and zooms by dragging. */
export function TimeChart(props: TimeChartProps) {
  const { title, unit, kind, rows, stepSeconds, nowMs, format, onZoom } = props;
  const t = useTranslations("chart");
  const formats = useFormats();
  const chart = prepareTimeChart(kind, rows, stepSeconds, nowMs);
  const pointer = useChartPointer(chart, onZoom);
  return (
    <figure className={styles["figure"]}>
      <figcaption className={styles["caption"]}>
        <h2>{title}</h2>
        <span>
          {unit} · {t("buckets", { step: formats.step(stepSeconds) })}
        </span>
      </figcaption>
      <Legend rows={rows} styles={props.styles} />
      <div className={styles["frame"]}>
        <YAxis chart={chart} format={props.formatMark ?? format} />
        <div
          aria-label={`${title}, ${unit}. ${t("zoomHint")}`}
          aria-valuemax={Math.max(0, chart.bucketsMs.length - 1)}
          aria-valuemin={0}
          aria-valuenow={pointer.index ?? 0}
          aria-valuetext={
            pointer.index === null
              ? undefined
              : readingText(chart, pointer.index, props, formats, t)
          }
          className={styles["plot"]}
          role="slider"
          tabIndex={0}
          {...pointer.handlers}
        >
          <Plot chart={chart} styles={props.styles} />
          {chart.empty ? <p className={styles["empty"]}>{t("empty")}</p> : null}
          <Selection chart={chart} selection={pointer.selection} />
          {pointer.index === null || chart.empty ? null : (
            <ChartReading
              chart={chart}
              format={format}
              index={pointer.index}
              nowMs={nowMs}
              styles={props.styles}
              total={props.total ?? false}
            />
          )}
        </div>
        <XAxis chart={chart} />
      </div>
    </figure>
  );
}

function Legend({
  rows,
  styles: rowStyles,
}: {
  readonly rows: readonly ChartRow[];
  readonly styles: TimeChartProps["styles"];
}) {
  return (
    <ul className={styles["legend"]}>
      {rows.map(({ key }) => {
        const style = rowStyles[key];
        return (
          <li key={key}>
            <svg aria-hidden="true" height="10" viewBox="0 0 18 10" width="18">
              <path
                d="M0 5h18"
                stroke={style?.color}
                strokeDasharray={dashOf(style)}
                strokeWidth="3"
              />
            </svg>
            {style?.label ?? key}
          </li>
        );
      })}
    </ul>
  );
}

function Plot({
  chart,
  styles: rowStyles,
}: {
  readonly chart: Prepared;
  readonly styles: TimeChartProps["styles"];
}) {
  return (
    <svg
      aria-hidden="true"
      className={styles["svg"]}
      preserveAspectRatio="none"
      viewBox="0 0 100 100"
    >
      {chart.gaps.map((gap) => (
        <rect
          className={styles["gap"]}
          height="100"
          key={gap.x}
          width={gap.width}
          x={gap.x}
          y="0"
        />
      ))}
      {chart.yTicks.map((tick) => (
        <path className={styles["grid"]} d={`M0 ${100 - tick.at * 100}H100`} key={tick.value} />
      ))}
      {chart.rows.map((row) => (
        <Row key={row.key} row={row} style={rowStyles[row.key]} />
      ))}
    </svg>
  );
}

function Row({
  row,
  style,
}: {
  readonly row: Prepared["rows"][number];
  readonly style: RowStyle | undefined;
}) {
  return (
    <g fill={style?.color} stroke={style?.color}>
      {row.columns.map((column) => (
        <rect
          height={column.height}
          key={column.x}
          opacity={column.open ? 0.5 : 1}
          stroke="none"
          width={column.width}
          x={column.x}
          y={column.y}
        />
      ))}
      {row.lines.map((path) => (
        <path className={styles["line"]} d={path} key={path} strokeDasharray={dashOf(style)} />
      ))}
      {row.openLine === null ? null : (
        <path className={styles["line"]} d={row.openLine} opacity="0.6" strokeDasharray="1 3" />
      )}
      {row.dots.map(({ x, y }) => (
        <path className={styles["dot"]} d={`M${x} ${y}h0.001`} key={x} />
      ))}
    </g>
  );
}

function YAxis({
  chart,
  format,
}: {
  readonly chart: Prepared;
  readonly format: (value: number) => string;
}) {
  return (
    <div aria-hidden="true" className={styles["yAxis"]}>
      {chart.yTicks.map((tick) => (
        <span key={tick.value} style={{ bottom: `${tick.at * 100}%` }}>
          {format(tick.value)}
        </span>
      ))}
    </div>
  );
}

function XAxis({ chart }: { readonly chart: Prepared }) {
  const formats = useFormats();
  const zone = useTimeZone() ?? "UTC";
  const { widthMs, ticks } = timeTicks(
    chart.window,
    ticksMax,
    zoneOffsetMs(chart.window.fromMs, zone),
  );
  return (
    <div aria-hidden="true" className={styles["xAxis"]}>
      {ticks.map((tick) => (
        <span key={tick.value} style={{ left: `${tick.at * 100}%` }} suppressHydrationWarning>
          {formats.tick(tick.value, widthMs)}
        </span>
      ))}
    </div>
  );
}

function Selection({
  chart,
  selection,
}: {
  readonly chart: Prepared;
  readonly selection: { readonly from: number; readonly to: number } | null;
}) {
  if (selection === null) return null;
  const count = chart.bucketsMs.length;
  return (
    <div
      className={styles["selection"]}
      style={{
        left: `${(selection.from / count) * 100}%`,
        width: `${((selection.to - selection.from + 1) / count) * 100}%`,
      }}
    />
  );
}

function readingText(
  chart: Prepared,
  index: number,
  { styles: rowStyles, format }: TimeChartProps,
  formats: ReturnType<typeof useFormats>,
  t: ReturnType<typeof useTranslations<"chart">>,
): string {
  const fromMs = chart.bucketsMs[index] ?? 0;
  return t("reading", {
    bucket: t("bucket", {
      from: formats.absolute(fromMs),
      to: formats.absolute(fromMs + chart.stepMs),
    }),
    values: chart.rows
      .map((row) => `${rowStyles[row.key]?.label ?? row.key} ${format(row.values[index] ?? null)}`)
      .join(", "),
  });
}

function dashOf(style: RowStyle | undefined): string | undefined {
  if (style?.dash === "dashed") return "6 3";
  return style?.dash === "dotted" ? "2 2" : undefined;
}
