import type { Exchange } from "#lib/core/exchange.ts";
import type { DetailSpan } from "#lib/decode/otlp-detail.ts";

type LoggedExchange = Pick<Exchange, "proxy" | "startUs" | "method" | "path" | "status">;
type ToldSpan = Pick<DetailSpan, "spanId" | "kind" | "service" | "startNs" | "attributes">;

/** A log may tell the second only, and the start by a duration in whole milliseconds. */
const apartUsMax = 5_000_000;

/**
 * The SERVER span that tells of the same exchange as each logged one, by its place; both are of one trace. No span stands
 * for two exchanges: of several that fit, those that began closest together belong together.
 */
export function spansOfSameExchanges(
  exchanges: readonly LoggedExchange[],
  spans: readonly ToldSpan[],
): Map<number, string> {
  const servers = spans.filter(({ kind }) => kind === "server").map(serverOf);
  const pairs = exchanges
    .flatMap((exchange, place) => nearest(exchange, servers).map((near) => ({ place, ...near })))
    .toSorted((a, b) => a.apartUs - b.apartUs);
  const found = new Map<number, string>();
  const taken = new Set<string>();
  for (const { place, spanId } of pairs) {
    if (found.has(place) || taken.has(spanId)) continue;
    found.set(place, spanId);
    taken.add(spanId);
  }
  return found;
}

/** What a SERVER span says of its request; null for what it does not say. */
interface Server {
  readonly spanId: string;
  readonly service: string;
  readonly startUs: number;
  readonly method: string | null;
  readonly path: string | null;
  readonly status: string | null;
}

function serverOf(span: ToldSpan): Server {
  return {
    spanId: span.spanId,
    service: span.service,
    startUs: Number(span.startNs) / 1_000,
    method: textOf(span, methodKeys),
    path: withoutQuery(textOf(span, pathKeys) ?? pathOf(textOf(span, urlKeys))),
    status: textOf(span, statusKeys),
  };
}

/** Of a thousand that are alike only the closest can be meant. */
const candidatesMax = 8;

function nearest(
  exchange: LoggedExchange,
  servers: readonly Server[],
): { readonly spanId: string; readonly apartUs: number }[] {
  const { startUs, path, status } = exchange;
  const said = {
    ...exchange,
    path: withoutQuery(path),
    status: status === null ? null : String(status),
  };
  return servers
    .filter((server) => Math.abs(server.startUs - startUs) <= apartUsMax && isSame(said, server))
    .map((server) => ({ spanId: server.spanId, apartUs: Math.abs(server.startUs - startUs) }))
    .toSorted((a, b) => a.apartUs - b.apartUs)
    .slice(0, candidatesMax);
}

/** What only one of them says does not tell them apart. */
function isSame(
  { proxy, method, path, status }: Pick<Server, "method" | "path" | "status"> & { proxy: string },
  server: Server,
): boolean {
  return (
    server.service === proxy &&
    isUnlessUnknown(method, server.method) &&
    isUnlessUnknown(path, server.path) &&
    isUnlessUnknown(status, server.status)
  );
}

function isUnlessUnknown(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

const methodKeys = ["http.request.method", "http.method"];
const pathKeys = ["url.path", "http.target"];
const urlKeys = ["url.full", "http.url"];
const statusKeys = ["http.response.status_code", "http.status_code"];

function textOf({ attributes }: ToldSpan, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === "number" || (typeof value === "string" && value !== "")) return `${value}`;
  }
  return null;
}

function withoutQuery(path: string | null): string | null {
  return path?.split("?", 1)[0] ?? null;
}

function pathOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).pathname : null;
}
