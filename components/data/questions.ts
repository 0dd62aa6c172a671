import { queryOptions } from "@tanstack/react-query";

import type { SeriesMetric, seriesGroups } from "#lib/contract/series.ts";
import type { WindowText } from "#lib/core/window.ts";

import { ask } from "./ask.ts";
import { refreshed } from "./refreshed.ts";

/** Whose numbers are asked for; absent means all. */
export interface Scope {
  readonly proxy?: string | undefined;
  readonly upstream?: string | undefined;
}

/** Which series are asked for; the names are those of the contract. */
export interface SeriesQuestion extends Scope {
  readonly metric: readonly SeriesMetric[];
  readonly groupBy: (typeof seriesGroups)[number];
  readonly step: number;
}

/** The state of every proxy. */
export function proxiesQuestion(window: WindowText) {
  return queryOptions({
    queryKey: ["proxies", window],
    queryFn: ({ signal }) =>
      ask(
        "proxies",
        { ...window },
        async () => (await import("#lib/contract/summary.ts")).proxiesAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** The state of every upstream. */
export function upstreamsQuestion(window: WindowText, scope: Scope) {
  return queryOptions({
    queryKey: ["upstreams", window, scope],
    queryFn: ({ signal }) =>
      ask(
        "upstreams",
        { ...window, ...scope },
        async () => (await import("#lib/contract/summary.ts")).upstreamsAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** Values over time. */
export function seriesQuestion(window: WindowText, question: SeriesQuestion) {
  return queryOptions({
    queryKey: ["series", window, question],
    queryFn: ({ signal }) =>
      ask(
        "series",
        { ...window, ...question },
        async () => (await import("#lib/contract/series.ts")).seriesAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** What falls back to what. */
export function fallbacksQuestion(window: WindowText, scope: Scope) {
  return queryOptions({
    queryKey: ["fallbacks", window, scope],
    queryFn: ({ signal }) =>
      ask(
        "fallbacks",
        { ...window, ...scope },
        async () => (await import("#lib/contract/fallbacks.ts")).fallbacksAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** Failed TLS handshakes. */
export function tlsQuestion(window: WindowText, scope: Scope) {
  return queryOptions({
    queryKey: ["tls", window, scope],
    queryFn: ({ signal }) =>
      ask(
        "tls",
        { ...window, ...scope },
        async () => (await import("#lib/contract/tls.ts")).tlsAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** The worst exchanges. */
export function exchangesQuestion(window: WindowText, scope: Scope) {
  return queryOptions({
    queryKey: ["exchanges", window, scope],
    queryFn: ({ signal }) =>
      ask(
        "exchanges",
        { ...window, ...scope, order: "worst", limit: 20 },
        async () => (await import("#lib/contract/exchanges.ts")).exchangesAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** The exchanges of a filter, as its parameters stand in the address. */
export function foundExchangesQuestion(window: WindowText, parameters: Record<string, string>) {
  return queryOptions({
    queryKey: ["exchanges", window, parameters],
    queryFn: ({ signal }) =>
      ask(
        "exchanges",
        { ...window, ...parameters },
        async () => (await import("#lib/contract/exchanges.ts")).exchangesAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** One trace with all its spans. It does not change, so it is asked for once. */
export function traceQuestion(traceId: string) {
  return queryOptions({
    queryKey: ["trace", traceId],
    queryFn: ({ signal }) =>
      ask(
        `traces/${encodeURIComponent(traceId)}`,
        {},
        async () => (await import("#lib/contract/trace.ts")).traceAnswer,
        signal,
      ),
    staleTime: Infinity,
  });
}

/** The old numbers stay on the page until the new ones are there, so that nothing flickers. */
