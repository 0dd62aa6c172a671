import type { DemoExchange, EdgeAttempt } from "./model.ts";

/** The edge, as a proxy. */
export const edgeName = "edge-nginx";

/** The `log_format` of the edge: nginx's `combined`, the times and addresses of its upstreams, and the trace. */
export const edgeLogFormat =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ' +
  'rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" ' +
  'ua="$upstream_addr" us="$upstream_status" cs=$upstream_cache_status ph=$proxy_host trace=$otel_trace_id';

/** The line that nginx writes when the exchange is over. */
export function edgeLine(exchange: DemoExchange): string {
  const { attempts } = exchange;
  const times = (time: (attempt: EdgeAttempt) => number | null): string =>
    list(attempts.map((attempt) => seconds(time(attempt))));
  return [
    `${exchange.client} - - [${timeLocal(exchange.startMs + exchange.durationMs)}]`,
    `"GET ${exchange.path} HTTP/1.1" ${exchange.status} ${exchange.bytes}`,
    `"-" "${exchange.userAgent}" rt=${seconds(exchange.durationMs)}`,
    `uct="${times((attempt) => attempt.connectMs)}"`,
    `uht="${times((attempt) => attempt.headerMs)}"`,
    `urt="${times((attempt) => attempt.responseMs)}"`,
    `ua="${list(attempts.map(({ address }) => address))}"`,
    `us="${list(attempts.map(({ status }) => String(status)))}"`,
    `cs=${exchange.cache} ph=athens trace=${exchange.traceId}`,
  ].join(" ");
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "-" : items.join(", ");
}

function seconds(ms: number | null): string {
  return ms === null ? "-" : (ms / 1_000).toFixed(3);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function timeLocal(ms: number): string {
  const iso = new Date(ms).toISOString();
  const month = months[Number(iso.slice(5, 7)) - 1] ?? "";
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
