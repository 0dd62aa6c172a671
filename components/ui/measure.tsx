"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { SparklineChart } from "../charts/sparkline-chart.tsx";

import styles from "./table.module.css";

export type Tone = "plain" | "warn" | "bad";

interface MeasureProps {
  /** The name of the number, for its card on a phone and its trend. */
  readonly label: string;
  /** The number as it is read; null where nothing was measured. */
  readonly text: string | null;
  /** What else there is to know of it. */
  readonly title?: string | undefined;
  readonly tone?: Tone;
  readonly trend?: {
    readonly points: readonly (readonly [timeMs: number, value: number | null])[];
    readonly scaleMin: number;
    readonly format: (value: number | null) => string;
  };
  readonly children?: ReactNode;
}

/** A cell with a number and, where one is given, its trend. */
export function Measure({ label, text, title, tone = "plain", trend, children }: MeasureProps) {
  const t = useTranslations("value");
  return (
    <td className={styles["number"]} data-label={label}>
      <span className={styles["measure"]}>
        <span
          className={styles["figure"]}
          data-tone={text === null ? "none" : tone}
          title={title ?? (text === null ? t("notMeasured") : undefined)}
        >
          {text ?? (
            <>
              <span aria-hidden="true">–</span>
              <span className="visually-hidden">{t("notMeasured")}</span>
            </>
          )}
          {children}
        </span>
        {trend === undefined ? null : (
          <SparklineChart
            label={(last, max, measured) =>
              t("trend", {
                metric: label,
                measured,
                last: trend.format(last),
                max: trend.format(max),
              })
            }
            points={trend.points}
            scaleMin={trend.scaleMin}
            tone={tone === "bad" ? "bad" : "plain"}
          />
        )}
      </span>
    </td>
  );
}
