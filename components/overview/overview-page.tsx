"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { FallbackEdge } from "#lib/contract/fallbacks.ts";
import type { SeriesAnswer } from "#lib/contract/series.ts";
import type { ProxySummary, UpstreamSummary } from "#lib/contract/summary.ts";
import type { TlsFailure } from "#lib/contract/tls.ts";

import { prepareTrends } from "../charts/prepare-trends.ts";
import {
  fallbacksQuestion,
  proxiesQuestion,
  seriesQuestion,
  tlsQuestion,
  upstreamsQuestion,
} from "../data/questions.ts";
import { DemoBanner } from "../onboarding/demo-button.tsx";
import { FallbacksTable } from "../relations/fallbacks-table.tsx";
import { TlsTable } from "../relations/tls-table.tsx";
import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { UpstreamsTable } from "../upstreams/upstreams-table.tsx";
import { Toolbar } from "../window/toolbar.tsx";
import { useWindow, useWindowNow } from "../window/use-window.ts";
import { searchOf } from "../window/window-state.ts";
import { proxyTrends, upstreamTrends } from "./overview-questions.ts";
import { judgeProxy, judgeUpstream, stateOf, worstFirst, type State } from "./prepare-state.ts";
import { ProxiesTable } from "./proxies-table.tsx";
import { QuietWindow } from "./quiet-window.tsx";

import table from "../ui/table.module.css";
import styles from "./overview-page.module.css";

/** So many upstreams, the worst, stand on the overview; the rest is one link away. */
const upstreamsMax = 12;
const edgesMax = 8;

/** The state of every proxy and the worst upstreams, at a glance. */
export function OverviewPage({ nowMs }: { readonly nowMs: number }) {
  const { text, window } = useWindowNow(nowMs);
  const proxies = useQuery(proxiesQuestion(text));
  const upstreams = useQuery(upstreamsQuestion(text, {}));
  const series = useQuery(seriesQuestion(text, proxyTrends(window)));
  const items = proxies.data?.items ?? [];
  const hops = upstreams.data?.items ?? [];
  return (
    <>
      <Toolbar
        fetching={proxies.isFetching}
        title={<Summary proxies={items} upstreams={hops} />}
        updatedAtMs={proxies.dataUpdatedAt}
      />
      <DemoBanner />
      <Failure error={firstOf(proxies.error, upstreams.error, series.error)} />
      {proxies.data?.items.length === 0 ? (
        <QuietWindow />
      ) : (
        <>
          <Proxies
            nowMs={nowMs}
            proxies={items}
            seenMs={proxies.dataUpdatedAt}
            series={series.data}
          />
          <WorstUpstreams nowMs={nowMs} upstreams={hops} />
          <Relations />
        </>
      )}
    </>
  );
}

function firstOf(...errors: readonly (Error | null)[]): Error | null {
  return errors.find((error) => error !== null) ?? null;
}

interface ProxiesProps {
  readonly proxies: readonly ProxySummary[];
  readonly series: SeriesAnswer | undefined;
  readonly seenMs: number;
  readonly nowMs: number;
}

function Proxies({ proxies, series, seenMs, nowMs }: ProxiesProps) {
  const t = useTranslations("overview");
  const { text, seconds } = useWindowNow(nowMs);
  return (
    <Panel note={t("worstFirst")} title={t("proxies")}>
      <ProxiesTable
        nowMs={seenMs}
        proxies={worstFirst(proxies, judgeProxy)}
        seconds={seconds}
        text={text}
        trends={prepareTrends(series, seenMs)}
      />
    </Panel>
  );
}

function Summary({
  proxies,
  upstreams,
}: {
  readonly proxies: readonly ProxySummary[];
  readonly upstreams: readonly UpstreamSummary[];
}) {
  const t = useTranslations("overview");
  if (proxies.length === 0) return <h1>{t("title")}</h1>;
  const badProxies = countBad(proxies.map((each) => stateOf(judgeProxy(each))));
  const badUpstreams = countBad(upstreams.map((each) => stateOf(judgeUpstream(each))));
  return (
    <>
      <h1>{t("title")}</h1>
      <p className={styles["summary"]} role="status">
        {t("summary", {
          bad: badProxies + badUpstreams,
          badProxies,
          proxies: proxies.length,
          badUpstreams,
          upstreams: upstreams.length,
        })}
      </p>
    </>
  );
}

function countBad(states: readonly State[]): number {
  return states.filter((state) => state === "failing" || state === "degraded").length;
}

function WorstUpstreams({
  upstreams,
  nowMs,
}: {
  readonly upstreams: readonly UpstreamSummary[];
  readonly nowMs: number;
}) {
  const t = useTranslations("overview");
  const { text, window, seconds } = useWindowNow(nowMs);
  const series = useQuery(seriesQuestion(text, upstreamTrends(window, null)));
  if (upstreams.length === 0) return null;
  const rest = upstreams.length - upstreamsMax;
  return (
    <Panel note={t("worstFirst")} title={t("upstreams")}>
      <UpstreamsTable
        seconds={seconds}
        text={text}
        trends={prepareTrends(series.data, series.dataUpdatedAt)}
        upstreams={worstFirst(upstreams, judgeUpstream).slice(0, upstreamsMax)}
      />
      {rest > 0 ? (
        <Link className={table["more"]} href={`/upstreams${searchOf(text)}`} prefetch={false}>
          {t("more", { count: rest })}
        </Link>
      ) : null}
    </Panel>
  );
}

function Relations() {
  const { text } = useWindow();
  const fallbacks = useQuery(fallbacksQuestion(text, {}));
  const tls = useQuery(tlsQuestion(text, {}));
  return (
    <div className={styles["pair"]}>
      <FallbacksPanel edges={fallbacks.data?.items ?? []} />
      <TlsPanel failures={tls.data?.items ?? []} />
    </div>
  );
}

function FallbacksPanel({ edges }: { readonly edges: readonly FallbackEdge[] }) {
  const t = useTranslations("overview");
  const { text } = useWindow();
  return (
    <Panel title={t("fallbacks")}>
      {edges.length === 0 ? (
        <Nothing>{t("noFallbacks")}</Nothing>
      ) : (
        <FallbacksTable edges={edges.slice(0, edgesMax)} ends="both" text={text} />
      )}
    </Panel>
  );
}

function TlsPanel({ failures }: { readonly failures: readonly TlsFailure[] }) {
  const t = useTranslations("overview");
  return (
    <Panel title={t("tls")}>
      {failures.length === 0 ? (
        <Nothing>{t("noTls")}</Nothing>
      ) : (
        <TlsTable failures={failures.slice(0, edgesMax)} />
      )}
    </Panel>
  );
}
