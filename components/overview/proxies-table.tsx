"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { ProxySummary } from "#lib/contract/summary.ts";
import { hitRatio, type CacheCounts } from "#lib/core/cache-outcome.ts";
import type { WindowText } from "#lib/core/window.ts";

import type { Trends } from "../charts/prepare-trends.ts";
import { useFormats, type Formats } from "../format/use-formats.ts";
import { Measure } from "../ui/measure.tsx";
import { Moment } from "../ui/moment.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { searchOf } from "../window/window-state.ts";
import { judgeProxy, stateOf } from "./prepare-state.ts";
import { errorRateScaleMin, errorTone, latencyTone } from "./tones.ts";

import table from "../ui/table.module.css";

interface ProxiesTableProps {
  /** In the order to show them. */
  readonly proxies: readonly ProxySummary[];
  readonly trends: Trends;
  readonly text: WindowText;
  readonly seconds: number;
  readonly nowMs: number;
}

const columns = [
  "requests",
  "errorRate",
  "latencyP95",
  "hitRatio",
  "fallbacks",
  "tlsFailures",
] as const;

/** One row per proxy: its state, its numbers and their trends. */
export function ProxiesTable({ proxies, trends, text, seconds, nowMs }: ProxiesTableProps) {
  const t = useTranslations("metric");
  const overview = useTranslations("overview");
  const meaning = useTranslations("meaning");
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{overview("proxy")}</th>
          {columns.map((name) => (
            <th
              className={table["number"]}
              key={name}
              scope="col"
              title={name === "requests" ? undefined : meaning(name)}
            >
              {t(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {proxies.map((proxy) => (
          <ProxyRow
            key={proxy.proxy}
            nowMs={nowMs}
            proxy={proxy}
            seconds={seconds}
            text={text}
            trends={trends}
          />
        ))}
      </tbody>
    </table>
  );
}

interface ProxyRowProps {
  readonly proxy: ProxySummary;
  readonly trends: Trends;
  readonly text: WindowText;
  readonly seconds: number;
  readonly nowMs: number;
}

function ProxyRow({ proxy, trends, text, seconds, nowMs }: ProxyRowProps) {
  const t = useTranslations("overview");
  const source = useTranslations("source");
  const metric = useTranslations("metric");
  return (
    <tr>
      <th scope="row">
        <span className={table["name"]}>
          <StateMark state={stateOf(judgeProxy(proxy))} />
          <span>
            <Link
              aria-label={t("seeUpstreams", { proxy: proxy.proxy })}
              href={`/upstreams${searchOf(text, { proxy: proxy.proxy })}`}
              prefetch={false}
            >
              {proxy.proxy}
            </Link>
            <span className={table["sub"]} title={source(proxy.source)}>
              {proxy.lastSeen === null ? null : (
                <>
                  {`${metric("lastSeen")} `}
                  <Moment ago nowMs={nowMs} timeMs={Date.parse(proxy.lastSeen)} />
                </>
              )}
            </span>
          </span>
        </span>
      </th>
      <RateCells proxy={proxy} seconds={seconds} trends={trends} />
      <CountCells proxy={proxy} trends={trends} />
    </tr>
  );
}

function RateCells({
  proxy,
  trends,
  seconds,
}: Pick<ProxyRowProps, "proxy" | "trends" | "seconds">) {
  const t = useTranslations("metric");
  const value = useTranslations("value");
  const formats = useFormats();
  return (
    <>
      <Measure
        label={t("requests")}
        text={formats.rate(proxy.requests / seconds)}
        title={value("exact", { value: formats.exact(proxy.requests), metric: t("requests") })}
        trend={{ points: trends.of("requests", proxy.proxy), scaleMin: 1, format: formats.count }}
      />
      <Measure
        label={t("errorRate")}
        text={proxy.errorRate === null ? null : formats.ratio(proxy.errorRate)}
        title={value("share", {
          count: formats.exact(proxy.errors),
          total: formats.exact(proxy.requests),
        })}
        tone={errorTone(proxy.errors, proxy.requests)}
        trend={{
          points: trends.of("errorRate", proxy.proxy),
          scaleMin: errorRateScaleMin,
          format: formats.ratio,
        }}
      />
      <Measure
        label={t("latencyP95")}
        text={proxy.latencyMsP95 === null ? null : formats.duration(proxy.latencyMsP95)}
        title={percentiles(proxy, formats, t)}
        tone={latencyTone(judgeProxy(proxy))}
        trend={{
          points: trends.of("latencyMsP95", proxy.proxy),
          scaleMin: 1,
          format: formats.duration,
        }}
      />
    </>
  );
}

function CountCells({ proxy, trends }: Pick<ProxyRowProps, "proxy" | "trends">) {
  const t = useTranslations("metric");
  const formats = useFormats();
  return (
    <>
      <Measure
        label={t("hitRatio")}
        text={proxy.hitRatio === null ? null : formats.ratio(proxy.hitRatio)}
        title={cacheWords(proxy.cache, formats)}
        trend={{ points: trends.of("hitRatio", proxy.proxy), scaleMin: 1, format: formats.ratio }}
      />
      <Measure
        label={t("fallbacks")}
        text={formats.count(proxy.fallbacks)}
        title={formats.exact(proxy.fallbacks)}
        trend={{ points: trends.of("fallbacks", proxy.proxy), scaleMin: 5, format: formats.count }}
      />
      <Measure
        label={t("tlsFailures")}
        text={formats.count(proxy.tlsFailures)}
        title={formats.exact(proxy.tlsFailures)}
        tone={proxy.tlsFailures > 0 ? "warn" : "plain"}
        trend={{
          points: trends.of("tlsFailures", proxy.proxy),
          scaleMin: 5,
          format: formats.count,
        }}
      />
    </>
  );
}

/** P50, P95 and P99 in one line. */
export function percentiles(
  summary: Pick<ProxySummary, "latencyMsP50" | "latencyMsP95" | "latencyMsP99">,
  formats: Formats,
  t: (key: "latencyP50" | "latencyP95" | "latencyP99") => string,
): string {
  return [
    `${t("latencyP50")} ${formats.duration(summary.latencyMsP50)}`,
    `${t("latencyP95")} ${formats.duration(summary.latencyMsP95)}`,
    `${t("latencyP99")} ${formats.duration(summary.latencyMsP99)}`,
  ].join(" · ");
}

function cacheWords(cache: CacheCounts, formats: Formats): string | undefined {
  if (hitRatio(cache) === null) return undefined;
  return Object.entries(cache)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${outcome} ${formats.exact(count)}`)
    .join(" · ");
}
