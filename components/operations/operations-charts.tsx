"use client";

import { useTranslations } from "next-intl";

import type { OperationsAnswer } from "#lib/contract/operations.ts";

import { TimeChart } from "../charts/time-chart.tsx";
import { useFormats } from "../format/use-formats.ts";
import { useWindow } from "../window/use-window.ts";
import {
  acceptedChart,
  nothing,
  otherReasons,
  refusalChart,
  refusalRows,
} from "./prepare-operations.ts";
import { useOperationWords } from "./use-operation-words.ts";

import styles from "./operations.module.css";

interface ChartsProps {
  readonly answer: OperationsAnswer;
  readonly nowMs: number;
}

const signalColors: Readonly<Record<string, string>> = {
  traces: "var(--move-fallbacks)",
  "access-logs": "var(--class-2xx)",
  logs: "var(--move-retries)",
  metrics: "var(--move-tls)",
};
const reasonColors = [
  "var(--class-5xx)",
  "var(--class-4xx)",
  "var(--move-tls)",
  "var(--move-fallbacks)",
];
const otherColor = "var(--move-failovers)";

/** What came in, what was refused, how long it took, and what waited. */
export function OperationsCharts({ answer, nowMs }: ChartsProps) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const words = useOperationWords();
  const common = useCommon(answer, nowMs);
  const accepted = acceptedChart(answer);
  const refusals = refusalChart(refusalRows(answer), answer.heldBytes);
  const labelOf = (reason: string): string => {
    if (reason === nothing) return t("refused");
    return reason === otherReasons ? t("otherReasons") : words.reason(reason);
  };
  return (
    <div className={styles["charts"]}>
      <TimeChart
        {...common}
        format={formats.rate}
        kind="columns"
        rows={accepted}
        styles={Object.fromEntries(
          accepted.map(({ key }) => [
            key,
            {
              label: key === nothing ? t("accepted") : words.kind(key),
              color: signalColors[key] ?? otherColor,
            },
          ]),
        )}
        title={t("accepted")}
        unit={t("acceptedUnit")}
      />
      <TimeChart
        {...common}
        format={formats.rate}
        kind="columns"
        rows={refusals}
        styles={Object.fromEntries(
          refusals.map(({ key }, place) => [
            key,
            {
              label: labelOf(key),
              color: reasonColors[place] ?? otherColor,
            },
          ]),
        )}
        title={t("refused")}
        unit={t("refusedUnit")}
      />
      <LagChart answer={answer} nowMs={nowMs} />
      <TimeChart
        {...common}
        format={formats.bytes}
        kind="lines"
        rows={[{ key: "heldBytes", points: answer.heldBytes }]}
        styles={{ heldBytes: { label: t("heldBytes"), color: "var(--line-p95)" } }}
        title={t("heldBytes")}
        unit={t("heldBytesUnit")}
      />
    </div>
  );
}

function LagChart({ answer, nowMs }: ChartsProps) {
  const t = useTranslations("operations");
  const metric = useTranslations("metric");
  const formats = useFormats();
  const common = useCommon(answer, nowMs);
  return (
    <TimeChart
      {...common}
      format={formats.duration}
      kind="lines"
      rows={[
        { key: "p50", points: answer.lagMsP50 },
        { key: "p99", points: answer.lagMsP99 },
      ]}
      styles={{
        p50: { label: metric("latencyP50"), color: "var(--line-p50)" },
        p99: { label: metric("latencyP99"), color: "var(--line-p99)", dash: "dashed" },
      }}
      title={t("lag")}
      unit={t("lagUnit")}
    />
  );
}

/** A stretch selected in a chart becomes the window of the page. */
function useCommon(answer: OperationsAnswer, nowMs: number) {
  const { setWindow } = useWindow();
  return {
    nowMs,
    stepSeconds: answer.window.stepSeconds,
    onZoom: (fromMs: number, toMs: number) =>
      setWindow({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }),
  };
}
