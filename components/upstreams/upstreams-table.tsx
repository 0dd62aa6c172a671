"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import type { ComponentType } from "react";

import type { UpstreamSummary } from "#lib/contract/summary.ts";
import type { WindowText } from "#lib/core/window.ts";

import type { Trends } from "../charts/prepare-trends.ts";
import { useFormats } from "../format/use-formats.ts";
import { judgeUpstream, stateOf } from "../overview/prepare-state.ts";
import { percentiles } from "../overview/proxies-table.tsx";
import { errorRateScaleMin, errorTone, latencyTone } from "../overview/tones.ts";
import { Measure } from "../ui/measure.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { upstreamAddress, type SortColumn } from "../window/window-state.ts";

import table from "../ui/table.module.css";

export interface ColumnHeadProps {
  readonly column: SortColumn;
  readonly label: string;
}

interface UpstreamsTableProps {
  /** In the order to show them. */
  readonly upstreams: readonly UpstreamSummary[];
  readonly trends: Trends;
  readonly text: WindowText;
  readonly seconds: number;
  /** The head of a column; a button where the table can be sorted. */
  readonly Head?: ComponentType<ColumnHeadProps>;
  readonly sorted?: { readonly column: SortColumn; readonly direction: "asc" | "desc" };
}

const columns = [
  { name: "attempts", column: "attempts", meaning: null },
  { name: "errorRate", column: "errorRate", meaning: "errorRate" },
  { name: "latencyP95", column: "latencyMsP95", meaning: "latencyP95" },
  { name: "fallbacks", column: "fallbacks", meaning: "fallbacksUpstream" },
  { name: "retries", column: "retries", meaning: "retries" },
  { name: "tlsFailures", column: "tlsFailures", meaning: "tlsFailures" },
] as const;

/** One row per upstream of a proxy: its state, its numbers and the trends of the two that matter most. */
export function UpstreamsTable({
  upstreams,
  trends,
  text,
  seconds,
  Head = PlainHead,
  sorted,
}: UpstreamsTableProps) {
  const t = useTranslations("metric");
  const words = useTranslations("upstreams");
  const meaning = useTranslations("meaning");
  const order = (column: SortColumn) =>
    sorted?.column === column
      ? sorted.direction === "asc"
        ? "ascending"
        : "descending"
      : undefined;
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th aria-sort={order("upstream")} scope="col">
            <Head column="upstream" label={words("upstream")} />
          </th>
          {columns.map((each) => (
            <th
              aria-sort={order(each.column)}
              className={table["number"]}
              key={each.name}
              scope="col"
              title={each.meaning === null ? undefined : meaning(each.meaning)}
            >
              <Head column={each.column} label={t(each.name)} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {upstreams.map((upstream) => (
          <UpstreamRow
            key={JSON.stringify([upstream.proxy, upstream.upstream])}
            seconds={seconds}
            text={text}
            trends={trends}
            upstream={upstream}
          />
        ))}
      </tbody>
    </table>
  );
}

function PlainHead({ label }: ColumnHeadProps) {
  return label;
}

interface UpstreamRowProps {
  readonly upstream: UpstreamSummary;
  readonly trends: Trends;
  readonly text: WindowText;
  readonly seconds: number;
}

function UpstreamRow({ upstream, trends, text, seconds }: UpstreamRowProps) {
  const words = useTranslations("upstreams");
  return (
    <tr>
      <th scope="row">
        <span className={table["name"]}>
          <StateMark state={stateOf(judgeUpstream(upstream))} />
          <span>
            <Link href={upstreamAddress(text, upstream.proxy, upstream.upstream)} prefetch={false}>
              {upstream.upstream}
            </Link>
            <span className={table["sub"]}>{words("via", { proxy: upstream.proxy })}</span>
          </span>
        </span>
      </th>
      <RateCells seconds={seconds} trends={trends} upstream={upstream} />
      <CountCells trends={trends} upstream={upstream} />
    </tr>
  );
}

function RateCells({ upstream, trends, seconds }: Omit<UpstreamRowProps, "text">) {
  const t = useTranslations("metric");
  const value = useTranslations("value");
  const formats = useFormats();
  return (
    <>
      <Measure
        label={t("attempts")}
        text={formats.rate(upstream.attempts / seconds)}
        title={value("exact", { value: formats.exact(upstream.attempts), metric: t("attempts") })}
      />
      <Measure
        label={t("errorRate")}
        text={upstream.errorRate === null ? null : formats.ratio(upstream.errorRate)}
        title={value("share", {
          count: formats.exact(upstream.errors),
          total: formats.exact(upstream.attempts),
        })}
        tone={errorTone(upstream.errors, upstream.attempts)}
        trend={{
          points: trends.of("errorRate", upstream.proxy, upstream.upstream),
          scaleMin: errorRateScaleMin,
          format: formats.ratio,
        }}
      />
      <Measure
        label={t("latencyP95")}
        text={upstream.latencyMsP95 === null ? null : formats.duration(upstream.latencyMsP95)}
        title={percentiles(upstream, formats, t)}
        tone={latencyTone(judgeUpstream(upstream))}
        trend={{
          points: trends.of("latencyMsP95", upstream.proxy, upstream.upstream),
          scaleMin: 1,
          format: formats.duration,
        }}
      />
    </>
  );
}

function CountCells({ upstream, trends }: Pick<UpstreamRowProps, "upstream" | "trends">) {
  const t = useTranslations("metric");
  const formats = useFormats();
  const trendOf = (metric: "fallbacks" | "tlsFailures") => ({
    points: trends.of(metric, upstream.proxy, upstream.upstream),
    scaleMin: countScaleMin,
    format: formats.count,
  });
  return (
    <>
      <Measure
        label={t("fallbacks")}
        text={formats.count(upstream.fallbacks)}
        title={formats.exact(upstream.fallbacks)}
        trend={trendOf("fallbacks")}
      />
      <Measure
        label={t("retries")}
        text={formats.count(upstream.retries)}
        title={formats.exact(upstream.retries)}
      />
      <Measure
        label={t("tlsFailures")}
        text={formats.count(upstream.tlsFailures)}
        title={formats.exact(upstream.tlsFailures)}
        tone={upstream.tlsFailures > 0 ? "warn" : "plain"}
        trend={trendOf("tlsFailures")}
      />
    </>
  );
}

/** A trend of counts ends at 5 at least, so that a single one does not look like a flood. */
const countScaleMin = 5;
