"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { useState, type KeyboardEvent, type PointerEvent } from "react";

import type { SloAnswer, SloStatus } from "#lib/contract/slos.ts";

import { pointByKey } from "../charts/point-by-key.ts";
import { timeTicks, zoneOffsetMs } from "../charts/prepare-axis.ts";
import { useFormats } from "../format/use-formats.ts";
import { pointAt, prepareBurnDown, type BurnDown } from "./prepare-burn-down.ts";
import { eventsText, signedShare } from "./prepare-slo.ts";

import chartStyles from "../charts/time-chart.module.css";
import styles from "./slos.module.css";

interface BurnDownProps {
  readonly slo: SloAnswer & { readonly status: SloStatus };
}

const ticksMax = 6;

/** What was left of the budget over its period, against spending it evenly; it reads out under pointer and keys. */
export function BurnDownChart({ slo }: BurnDownProps) {
  const t = useTranslations("slo");
  const { burnDown: points, status } = slo;
  const period = { fromMs: Date.parse(status.from), toMs: Date.parse(status.periodEnd) };
  const chart = prepareBurnDown(points, period);
  const [index, setIndex] = useState<number | null>(null);
  const read = useReading(slo);
  const last = points.findLastIndex(({ remaining }) => remaining !== null);
  const shown = index === null ? null : read(index);
  return (
    <figure>
      <div className={styles["chart"]}>
        <Marks chart={chart} />
        <div
          aria-label={t("burnDownLabel")}
          aria-valuemax={Math.max(0, points.length - 1)}
          aria-valuemin={0}
          aria-valuenow={index ?? Math.max(0, last)}
          aria-valuetext={read(index ?? last)?.text}
          className={styles["plot"]}
          onBlur={() => setIndex(null)}
          onKeyDown={(event: KeyboardEvent) => {
            const next = pointByKey(event.key, index, points.length);
            if (next === null) return;
            event.preventDefault();
            setIndex(next);
          }}
          onPointerLeave={() => setIndex(null)}
          onPointerMove={(event) => setIndex(pointAt(chart, shareOf(event)))}
          role="slider"
          tabIndex={0}
        >
          <Lines chart={chart} />
          {shown === null ? null : <Reading at={(chart.xs[index ?? 0] ?? 0) / 100} {...shown} />}
        </div>
        <TimeAxis chart={chart} />
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

function shareOf(event: PointerEvent): number {
  const box = event.currentTarget.getBoundingClientRect();
  return (event.clientX - box.left) / box.width;
}

interface Read {
  readonly time: string;
  readonly left: string;
  readonly even: string;
  readonly text: string;
}

/** What a point says: its time, and what was left and would be, as shares and in events or slices. */
function useReading({ burnDown, status, definition }: BurnDownProps["slo"]) {
  const t = useTranslations("slo");
  const formats = useFormats();
  const unit = definition.budgeting.kind === "timeslices" ? "slices" : "events";
  const amount = (share: number): string =>
    t("amount", {
      share: signedShare(share, formats) ?? "–",
      amount: t(unit, { count: eventsText(share * status.allowedBad, formats.exact) }),
    });
  return (index: number): Read | null => {
    const point = burnDown[index];
    if (point === undefined) return null;
    const time = formats.absolute(Date.parse(point.at));
    const left = point.remaining === null ? t("notMeasured") : amount(point.remaining);
    const even = amount(point.even);
    return { time, left, even, text: t("reading", { time, left, even }) };
  };
}

function Reading({ at, time, left, even }: Read & { readonly at: number }) {
  const t = useTranslations("slo");
  return (
    <>
      <div aria-hidden="true" className={chartStyles["cursor"]} style={{ left: `${at * 100}%` }} />
      <div
        aria-hidden="true"
        className={`${chartStyles["reading"]} ${styles["reading"]}`}
        style={at > 0.5 ? { right: `${(1 - at) * 100}%` } : { left: `${at * 100}%` }}
      >
        <p>{time}</p>
        <dl>
          <div>
            <dt>
              <i style={{ background: "var(--line-p95)" }} />
              {t("left")}
            </dt>
            <dd>{left}</dd>
          </div>
          <div>
            <dt>
              <i style={{ background: "var(--ink-faint)" }} />
              {t("even")}
            </dt>
            <dd>{even}</dd>
          </div>
        </dl>
      </div>
    </>
  );
}

function Marks({ chart }: { readonly chart: BurnDown }) {
  const formats = useFormats();
  return (
    <div aria-hidden="true" className={chartStyles["yAxis"]}>
      <span style={{ bottom: "100%" }}>{formats.ratioMark(1)}</span>
      <span style={{ bottom: `${100 - chart.zeroY}%` }}>{formats.ratioMark(0)}</span>
      {chart.lowest > -0.2 ? null : (
        <span style={{ bottom: "0" }}>{signedShare(chart.lowest, formats)}</span>
      )}
    </div>
  );
}

function TimeAxis({ chart }: { readonly chart: BurnDown }) {
  const formats = useFormats();
  const offsetMs = zoneOffsetMs(chart.window.fromMs, useTimeZone() ?? "UTC");
  const { widthMs, ticks } = timeTicks(chart.window, ticksMax, offsetMs);
  // A mark is as wide as its text, which must not leave the chart.
  const inside = ticks.filter(({ at }) => at > 0.04 && at < 0.96);
  return (
    <div aria-hidden="true" className={chartStyles["xAxis"]}>
      {inside.map((tick) => (
        <span key={tick.value} style={{ left: `${tick.at * 100}%` }} suppressHydrationWarning>
          {formats.tick(tick.value, widthMs)}
        </span>
      ))}
    </div>
  );
}

function Lines({ chart }: { readonly chart: BurnDown }) {
  return (
    <svg aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 100">
      <path d={`M0 ${chart.zeroY}H100`} stroke="var(--line-strong)" {...thin} />
      <path d={chart.even} stroke="var(--ink-faint)" strokeDasharray="4 4" {...thin} />
      {chart.remaining.map((path) => (
        <path d={path} key={path} stroke="var(--line-p95)" {...thin} strokeWidth={2} />
      ))}
    </svg>
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
