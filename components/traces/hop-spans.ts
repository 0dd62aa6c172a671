import type { TraceAnswer, TraceHop, TraceSpan } from "#lib/contract/trace.ts";
import { isError } from "#lib/core/outcome.ts";

/** What stands in the waterfall: a span, or what a log tells of in its place. */
export interface WaterfallSpan extends Omit<TraceSpan, "endNs"> {
  /** Null where nobody measured it. */
  readonly endNs: string | null;
  /** Whether a log alone tells of it. */
  readonly logged: boolean;
  /** The exchange whose log record tells of it; null where none does. */
  readonly exchangeId: string | null;
  /** Attempts that it tells of itself; none where they are spans of their own. */
  readonly attempts: TraceAnswer["told"][number]["attempts"];
}

/** The spans of a trace, and below each other the hops that no span tells of, with their attempts. */
export function waterfallSpans({
  spans,
  hops,
  told,
}: Pick<TraceAnswer, "spans" | "hops" | "told">): WaterfallSpan[] {
  const exchangeOf = new Map(hops.map(({ spanId, id }) => [spanId, id]));
  const attemptsOf = new Map(told.map(({ spanId, attempts }) => [spanId, attempts]));
  return [
    ...spans.map((span) => {
      const exchangeId = exchangeOf.get(span.spanId) ?? null;
      const attempts = attemptsOf.get(span.spanId) ?? [];
      return { ...span, logged: false, exchangeId, attempts };
    }),
    ...hops.filter(({ spanId }) => spanId === null).flatMap(spansOf),
  ];
}

function spansOf(hop: TraceHop): WaterfallSpan[] {
  const spanId = `log-${hop.id}`;
  const { id: exchangeId, proxy: service, method, path, attempts } = hop;
  const common = { ...blank, name: method ?? "–", service, logged: true, exchangeId };
  const said = { "url.path": path, "proxy.cache.result": hop.cache };
  const exchange = { ...common, ...outcomeOf(hop, said), spanId, parentSpanId: null };
  return [
    { ...exchange, kind: "server" },
    ...attempts.map((attempt, at): WaterfallSpan => {
      const asked = {
        "proxy.upstream.name": attempt.upstream,
        "network.peer.address": attempt.endpoint,
        "proxy.tls.reason": attempt.tlsReason,
      };
      const place = { spanId: `${spanId}-${at + 1}`, parentSpanId: spanId };
      return { ...common, ...outcomeOf(attempt, asked), ...place, kind: "client" };
    }),
  ];
}

type Told = Pick<TraceHop, "status" | "errorType" | "startNs" | "endNs">;

function outcomeOf(
  { status, errorType, startNs, endNs }: Told,
  said: Readonly<Record<string, string | null>>,
): Pick<WaterfallSpan, "startNs" | "endNs" | "status" | "attributes"> {
  const all = { ...said, "http.response.status_code": status, "error.type": errorType };
  return {
    startNs,
    endNs,
    status: isError({ status, errorType }) ? "error" : "unset",
    attributes: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)),
  };
}

const blank = {
  scope: "",
  statusMessage: "",
  resource: {},
  events: [],
  links: [],
  attempts: [],
} satisfies Partial<WaterfallSpan>;
