"use client";

import { useTranslations } from "next-intl";

import { useFormats } from "../format/use-formats.ts";
import type { TimeChart } from "./prepare-time-chart.ts";
import type { RowStyle } from "./row-style.ts";

import styles from "./time-chart.module.css";

interface ChartReadingProps {
  readonly chart: TimeChart;
  readonly index: number;
  readonly nowMs: number;
  readonly styles: Readonly<Record<string, RowStyle>>;
  readonly format: (value: number | null) => string;
  readonly total: boolean;
}

/** The values of one bucket, beside a line that marks it. */
export function ChartReading({
  chart,
  index,
  nowMs,
  styles: rowStyles,
  format,
  total,
}: ChartReadingProps) {
  const t = useTranslations("chart");
  const formats = useFormats();
  const fromMs = chart.bucketsMs[index] ?? 0;
  const toMs = fromMs + chart.stepMs;
  const at = (index + 0.5) / chart.bucketsMs.length;
  const values = chart.rows.map((row) => row.values[index] ?? null);
  const missing = values.every((value) => value === null);
  return (
    <>
      <div aria-hidden="true" className={styles["cursor"]} style={{ left: `${at * 100}%` }} />
      <div
        aria-hidden="true"
        className={styles["reading"]}
        data-side={at > 0.5 ? "left" : "right"}
        style={at > 0.5 ? { right: `${(1 - at) * 100}%` } : { left: `${at * 100}%` }}
      >
        <p>
          {t("bucket", { from: formats.moment(fromMs, nowMs), to: formats.moment(toMs, nowMs) })}
          {toMs > nowMs ? ` · ${t("open")}` : ""}
        </p>
        {missing ? <p>{t("gap")}</p> : null}
        <dl hidden={missing}>
          {chart.rows
            .map((row) => (
              <div key={row.key}>
                <dt>
                  <i style={{ background: rowStyles[row.key]?.color }} />
                  {rowStyles[row.key]?.label ?? row.key}
                </dt>
                <dd>{format(row.values[index] ?? null)}</dd>
              </div>
            ))
            .toReversed()}
          {total ? (
            <div>
              <dt>{t("total")}</dt>
              <dd>{format(values.reduce<number>((sum, value) => sum + (value ?? 0), 0))}</dd>
            </div>
          ) : null}
        </dl>
      </div>
    </>
  );
}
