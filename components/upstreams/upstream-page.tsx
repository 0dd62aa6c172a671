"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { UpstreamSummary } from "#lib/contract/summary.ts";

import {
  exchangesQuestion,
  fallbacksQuestion,
  seriesQuestion,
  tlsQuestion,
  upstreamsQuestion,
} from "../data/questions.ts";
import { ExchangesTable } from "../exchanges/exchanges-table.tsx";
import { useFormats } from "../format/use-formats.ts";
import { judgeUpstream, stateOf } from "../overview/prepare-state.ts";
import { percentiles } from "../overview/proxies-table.tsx";
import { errorTone, latencyTone } from "../overview/tones.ts";
import { FallbacksTable } from "../relations/fallbacks-table.tsx";
import { TlsTable } from "../relations/tls-table.tsx";
import { Failure } from "../ui/failure.tsx";
import { Figure } from "../ui/figure.tsx";
import { Message } from "../ui/message.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { Toolbar } from "../window/toolbar.tsx";
import { useWindow, useWindowNow } from "../window/use-window.ts";
import { searchOf, upstreamAddress } from "../window/window-state.ts";
import { UpstreamCharts } from "./upstream-charts.tsx";
import { upstreamSeries } from "./upstream-questions.ts";

import styles from "./upstream-page.module.css";

interface UpstreamPageProps {
  readonly upstream: string;
  /** The proxy that asks it; null when it is not known in the window. */
  readonly proxy: string | null;
  /** All proxies that ask it. */
  readonly proxies: readonly string[];
  /** When the server drew the page. */
  readonly nowMs: number;
}

/** One upstream in detail, as one proxy sees it. */
export function UpstreamPage({ upstream, proxy, proxies, nowMs }: UpstreamPageProps) {
  return proxy === null ? (
    <Unknown nowMs={nowMs} upstream={upstream} />
  ) : (
    <Known nowMs={nowMs} proxies={proxies} proxy={proxy} upstream={upstream} />
  );
}

interface KnownProps {
  readonly upstream: string;
  readonly proxy: string;
  readonly proxies: readonly string[];
}

function Known({ upstream, proxy, proxies, nowMs }: KnownProps & { readonly nowMs: number }) {
  const { text, window, seconds } = useWindowNow(nowMs);
  const scope = { proxy, upstream };
  const summaries = useQuery(upstreamsQuestion(text, scope));
  const series = useQuery(seriesQuestion(text, upstreamSeries(window, proxy, upstream)));
  const summary = summaries.data?.items[0];
  return (
    <>
      <Toolbar
        fetching={summaries.isFetching}
        title={<Title proxies={proxies} proxy={proxy} summary={summary} upstream={upstream} />}
        updatedAtMs={summaries.dataUpdatedAt}
      />
      <Failure error={summaries.error ?? series.error} />
      {summary === undefined ? null : (
        <Figures nowMs={summaries.dataUpdatedAt} seconds={seconds} summary={summary} />
      )}
      {series.data === undefined ? null : (
        <UpstreamCharts answer={series.data} nowMs={series.dataUpdatedAt} />
      )}
      <Relations proxy={proxy} upstream={upstream} />
      <Worst proxy={proxy} upstream={upstream} />
    </>
  );
}

function Unknown({ upstream, nowMs }: { readonly upstream: string; readonly nowMs: number }) {
  const t = useTranslations("upstream");
  const { text } = useWindow();
  return (
    <>
      <Toolbar fetching={false} title={<h1>{upstream}</h1>} updatedAtMs={nowMs} />
      <Message hint={t("unknownHint")} title={t("unknown")}>
        <Link href={`/upstreams${searchOf(text)}`}>{t("back")}</Link>
      </Message>
    </>
  );
}

function Title({
  upstream,
  proxy,
  proxies,
  summary,
}: KnownProps & { readonly summary: UpstreamSummary | undefined }) {
  const t = useTranslations("upstream");
  const { text } = useWindow();
  return (
    <>
      <h1 className={styles["title"]}>
        {upstream}
        {summary === undefined ? null : <StateMark state={stateOf(judgeUpstream(summary))} word />}
      </h1>
      <p className={styles["through"]}>
        {t("throughProxy")}
        {proxies.map((name) => (
          <Link
            aria-current={name === proxy ? "true" : undefined}
            href={upstreamAddress(text, name, upstream)}
            key={name}
            prefetch={false}
          >
            {name}
          </Link>
        ))}
      </p>
    </>
  );
}

interface FiguresProps {
  readonly summary: UpstreamSummary;
  readonly seconds: number;
  readonly nowMs: number;
}

function Figures({ summary, seconds, nowMs }: FiguresProps) {
  const t = useTranslations("metric");
  const value = useTranslations("value");
  const formats = useFormats();
  return (
    <dl className={styles["figures"]}>
      <Figure
        label={t("attempts")}
        note={formats.rate(summary.attempts / seconds)}
        value={formats.count(summary.attempts)}
      />
      <Figure
        label={t("errorRate")}
        note={value("share", {
          count: formats.count(summary.errors),
          total: formats.count(summary.attempts),
        })}
        tone={errorTone(summary.errors, summary.attempts)}
        value={formats.ratio(summary.errorRate)}
      />
      <Figure
        label={t("notFound")}
        note={formats.ratio(summary.attempts === 0 ? null : summary.notFound / summary.attempts)}
        value={formats.count(summary.notFound)}
      />
      <Figure
        label={t("latencyP95")}
        note={percentiles(summary, formats, t)}
        tone={latencyTone(judgeUpstream(summary))}
        value={formats.duration(summary.latencyMsP95)}
      />
      <Figure label={t("fallbacks")} value={formats.count(summary.fallbacks)} />
      <Figure
        label={t("retries")}
        note={`${t("failovers")} ${formats.count(summary.failovers)}`}
        value={formats.count(summary.retries)}
      />
      <Figure
        label={t("tlsFailures")}
        tone={summary.tlsFailures > 0 ? "warn" : "plain"}
        value={formats.count(summary.tlsFailures)}
      />
      <Figure
        label={t("lastSeen")}
        value={
          summary.lastSeen === null ? (
            "–"
          ) : (
            <Moment ago nowMs={nowMs} timeMs={Date.parse(summary.lastSeen)} />
          )
        }
      />
    </dl>
  );
}

function Relations({ upstream, proxy }: { readonly upstream: string; readonly proxy: string }) {
  const t = useTranslations("upstream");
  const { text } = useWindow();
  const fallbacks = useQuery(fallbacksQuestion(text, { proxy, upstream }));
  const tls = useQuery(tlsQuestion(text, { proxy, upstream }));
  const edges = fallbacks.data?.items ?? [];
  const away = edges.filter((edge) => edge.from === upstream);
  const here = edges.filter((edge) => edge.to === upstream);
  const failures = tls.data?.items ?? [];
  return (
    <div className={styles["relations"]}>
      <Panel title={t("fallsBackTo")}>
        {away.length === 0 ? (
          <Nothing>{t("noFallbackFrom")}</Nothing>
        ) : (
          <FallbacksTable edges={away} ends="to" text={text} />
        )}
      </Panel>
      <Panel title={t("fallbackFor")}>
        {here.length === 0 ? (
          <Nothing>{t("noFallbackTo")}</Nothing>
        ) : (
          <FallbacksTable edges={here} ends="from" text={text} />
        )}
      </Panel>
      <Panel title={t("tls")}>
        {failures.length === 0 ? <Nothing>{t("noTls")}</Nothing> : <TlsTable failures={failures} />}
      </Panel>
    </div>
  );
}

function Worst({ upstream, proxy }: { readonly upstream: string; readonly proxy: string }) {
  const t = useTranslations("upstream");
  const words = useTranslations("overview");
  const { text } = useWindow();
  const exchanges = useQuery(exchangesQuestion(text, { proxy, upstream }));
  const items = exchanges.data?.items ?? [];
  return (
    <Panel note={words("worstFirst")} title={t("worst")}>
      <Unreadable rows={exchanges.data?.unreadable} />
      {items.length === 0 ? (
        <Nothing>{t("noExchanges")}</Nothing>
      ) : (
        <ExchangesTable exchanges={items} nowMs={exchanges.dataUpdatedAt} />
      )}
    </Panel>
  );
}
