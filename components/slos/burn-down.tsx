"use client";

import { useTranslations } from "next-intl";

import type { SloAnswer } from "#lib/contract/slos.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { prepareBurnDown } from "./prepare-burn-down.ts";
import { signedShare } from "./prepare-slo.ts";

import styles from "./slos.module.css";

interface BurnDownProps {
  readonly points: SloAnswer["burnDown"];
  readonly nowMs: number;
}

/** What was left of the budget over time, against spending it evenly. */
export function BurnDownChart({ points, nowMs }: BurnDownProps) {
  const t = useTranslations("slo");
  const formats = useFormats();
  const chart = prepareBurnDown(points);
  const last = points.findLast(({ remaining }) => remaining !== null);
  const label = t("burnDownLabel", {
    left: signedShare(last?.remaining, formats) ?? "–",
    even: signedShare(last?.even, formats) ?? "–",
  });
  return (
    <figure>
      <div className={styles["chart"]}>
        <span className={styles["mark"]} style={{ top: "0" }}>
          {formats.ratioMark(1)}
        </span>
        <span className={styles["mark"]} style={{ top: `${chart.zeroY}%` }}>
          {formats.ratioMark(0)}
        </span>
        {chart.lowest > -0.2 ? null : (
          <span className={styles["mark"]} style={{ top: "100%" }}>
            {signedShare(chart.lowest, formats)}
          </span>
        )}
        <svg aria-label={label} preserveAspectRatio="none" role="img" viewBox="0 0 100 100">
          <path d={`M0 ${chart.zeroY}H100`} stroke="var(--line-strong)" {...thin} />
          <path d={chart.even} stroke="var(--ink-faint)" strokeDasharray="4 4" {...thin} />
          {chart.remaining.map((path) => (
            <path d={path} key={path} stroke="var(--line-p95)" {...thin} strokeWidth={2} />
          ))}
        </svg>
      </div>
      <div className={styles["times"]} style={{ paddingLeft: 64 }}>
        {[points.at(0), points.at(-1)].map((point, index) =>
          point === undefined ? null : (
            <Moment key={`${index} ${point.at}`} nowMs={nowMs} timeMs={Date.parse(point.at)} />
          ),
        )}
      </div>
      <ul className={styles["legend"]}>
        <li>
          <Sample color="var(--line-p95)" /> {t("left")}
        </li>
        <li>
          <Sample color="var(--ink-faint)" dashed /> {t("even")}
        </li>
      </ul>
    </figure>
  );
}

const thin = {
  fill: "none",
  strokeLinecap: "round",
  strokeWidth: 1,
  vectorEffect: "non-scaling-stroke",
} as const;

function Sample({ color, dashed = false }: { readonly color: string; readonly dashed?: boolean }) {
  return (
    <svg aria-hidden="true" height="10" viewBox="0 0 18 10" width="18">
      <path
        d="M0 5h18"
        stroke={color}
        strokeDasharray={dashed ? "4 4" : undefined}
        strokeWidth="2"
      />
    </svg>
  );
}
