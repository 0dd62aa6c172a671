import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { createLoader, parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs/server";

import { logKinds } from "#lib/core/log-line.ts";
import { logSeverities } from "#lib/core/log-severity.ts";
import type { WindowText } from "#lib/core/window.ts";

import { ask } from "../data/ask.ts";
import { refreshMs } from "../data/refresh.ts";

/** What the address of the log lines says beside the window. */
export const logKeys = {
  q: parseAsString.withDefault(""),
  proxy: parseAsString,
  instance: parseAsString,
  severity: parseAsStringLiteral(logSeverities),
  kind: parseAsStringLiteral(logKinds),
  trace: parseAsString,
  live: parseAsBoolean.withDefault(false),
};

/** Reads the address on the server. */
export const loadLogState = createLoader(logKeys);
export type LogState = Awaited<ReturnType<typeof loadLogState>>;

/** How often the newest lines are asked for while the page follows them. */
export const followMs = 2_000;
const linesPerPage = 100;

/** The filters of the address, by the names that the API gives them. */
export function logParamsOf({ q, proxy, instance, severity, kind, trace }: Omit<LogState, "live">) {
  return {
    query: q === "" ? undefined : q.slice(0, 200),
    proxy: proxy ?? undefined,
    instance: instance ?? undefined,
    severity: severity ?? undefined,
    kind: kind ?? undefined,
    traceId: trace !== null && /^[0-9a-f]{32}$/i.test(trace) ? trace : undefined,
    limit: linesPerPage,
  };
}
type LogParams = ReturnType<typeof logParamsOf>;

/** Log lines, page by page back in time; while it follows, only the newest. */
export function logsQuestion(window: WindowText, params: LogParams, live: boolean) {
  return infiniteQueryOptions({
    queryKey: ["logs", window, params, live],
    queryFn: ({ signal, pageParam }) =>
      ask(
        "logs",
        { ...window, ...params, cursor: pageParam ?? undefined },
        async () => (await import("#lib/contract/logs.ts")).logsAnswer,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: ({ state }) => {
      if (live) return followMs;
      // Older pages are read in peace.
      return (state.data?.pages.length ?? 0) > 1 ? false : (refreshMs(window) ?? false);
    },
    placeholderData: keepPreviousData,
    staleTime: live ? followMs : (refreshMs(window) ?? Infinity),
  });
}

const dayMs = 86_400_000;
const traceLinesMax = 100;

/** The window in which log lines of a trace are looked for: a day around it. */
export function windowOfTrace(startMs: number, totalMs: number): WindowText {
  const from = Math.floor(startMs - dayMs);
  const to = Math.ceil(startMs + totalMs + dayMs);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** The log lines of one trace. */
export function traceLogsQuestion(traceId: string, window: WindowText) {
  return queryOptions({
    queryKey: ["trace-logs", traceId, window],
    queryFn: ({ signal }) =>
      ask(
        "logs",
        { ...window, traceId, limit: traceLinesMax },
        async () => (await import("#lib/contract/logs.ts")).logsAnswer,
        signal,
      ),
    staleTime: Infinity,
  });
}
