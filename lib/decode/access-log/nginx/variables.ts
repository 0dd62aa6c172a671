/** Place in `Values` of each variable of nginx that a record is made from; every other one is read over. */
export const slots = {
  remote_addr: 0,
  time: 1,
  time_local: 2,
  time_iso8601: 3,
  msec: 4,
  request: 5,
  request_method: 6,
  request_uri: 7,
  uri: 8,
  args: 9,
  host: 10,
  http_host: 11,
  status: 12,
  body_bytes_sent: 13,
  bytes_sent: 14,
  request_time: 15,
  http_user_agent: 16,
  upstream_addr: 17,
  upstream_status: 18,
  upstream_connect_time: 19,
  upstream_header_time: 20,
  upstream_response_time: 21,
  upstream_cache_status: 22,
  proxy_host: 23,
  proxy_upstream_name: 24,
  ssl_client_verify: 25,
  http_traceparent: 26,
  otel_trace_id: 27,
  request_id: 28,
  manager_server: 29,
} as const;

/** How many values a line may fill. */
export const slotCount = Object.keys(slots).length;

/** What one line said, by slot. `undefined`: the format has no such variable; `-` or empty: it had no value. */
export type Values = (string | undefined)[];

export function noValues(): Values {
  return Array.from({ length: slotCount });
}

/** Begins with another line; by a loop, as there are few values and `fill` leaves compiled code. */
export function forget(values: Values): void {
  for (let slot = 0; slot < values.length; slot += 1) values[slot] = undefined;
}

/** The slot of a variable by nginx's name for it, or by a name that operators give to its key; null when none has it. */
export function slotOf(name: string): number | null {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const slot = foundSlot(name);
  if (remembered.size < rememberedMax) remembered.set(name, slot);
  return slot;
}

/** Few names come again and again; the bound is for streams that are no logs. */
const rememberedMax = 1_000;
const remembered = new Map<string, number | null>();

function foundSlot(name: string): number | null {
  const plain = name
    .replace(/^[$@]/, "")
    .replaceAll(/[.\- ]/g, "_")
    .toLowerCase();
  const known = aliases.get(plain) ?? plain;
  return isVariable(known) ? slots[known] : null;
}

/** Variables that hold one element per upstream, separated by `, ` and ` : `. */
export function isList(name: string): boolean {
  return name.startsWith("upstream_") && name !== "upstream_cache_status";
}

/** Variables whose value is digits, a point or `-`. */
export function isNumber(name: string): boolean {
  return numbers.has(name);
}

const numbers: ReadonlySet<string> = new Set([
  "status",
  "body_bytes_sent",
  "bytes_sent",
  "request_length",
  "request_time",
  "msec",
  "connection",
  "connection_requests",
  "remote_port",
  "server_port",
  "pid",
]);

function isVariable(name: string): name is keyof typeof slots {
  return Object.hasOwn(slots, name);
}

const aliasesOf: Readonly<Partial<Record<keyof typeof slots, readonly string[]>>> = {
  remote_addr: [
    "client",
    "client_ip",
    "clientip",
    "remote_ip",
    "remote",
    "ip",
    "remote_address",
    "realip_remote_addr",
  ],
  time: ["timestamp", "ts", "date", "datetime", "_timestamp", "time_stamp"],
  time_iso8601: ["time_iso", "iso8601"],
  msec: ["time_msec", "epoch", "time_epoch"],
  request: ["request_line"],
  request_method: ["method", "verb", "http_method", "http_request_method"],
  request_uri: ["url", "request_url", "path_and_query", "url_original", "http_uri"],
  uri: ["path", "request_path", "url_path", "document_uri"],
  args: ["query", "query_string", "url_query", "request_query"],
  host: ["server", "server_name", "vhost", "domain", "http_hostname", "sn"],
  status: [
    "status_code",
    "response_code",
    "response",
    "response_status",
    "http_status",
    "st",
    "http_response_status_code",
  ],
  body_bytes_sent: ["bytes", "body_bytes", "size", "response_length", "response_size", "bbs"],
  bytes_sent: ["bytes_out", "bs"],
  request_time: [
    "rt",
    "duration",
    "response_time",
    "request_duration",
    "latency",
    "reqtime",
    "took",
  ],
  http_user_agent: ["user_agent", "useragent", "agent", "ua_string", "user_agent_original"],
  upstream_addr: [
    "ua",
    "upstream",
    "upstream_address",
    "up_addr",
    "uaddr",
    "backend",
    "upstream_host",
  ],
  upstream_status: ["us", "up_status", "ustatus"],
  upstream_connect_time: ["uct", "up_connect_time", "upstream_connect"],
  upstream_header_time: ["uht", "up_header_time", "upstream_header"],
  upstream_response_time: [
    "urt",
    "up_response_time",
    "upstream_time",
    "upstream_duration",
    "up_resp_time",
  ],
  upstream_cache_status: [
    "cs",
    "cache",
    "ucs",
    "cache_status",
    "up_cache",
    "x_cache",
    "proxy_cache_status",
  ],
  proxy_host: ["ph"],
  proxy_upstream_name: ["upstream_name", "pun"],
  ssl_client_verify: ["client_verify", "ssl_verify"],
  http_traceparent: ["traceparent"],
  otel_trace_id: [
    "trace_id",
    "traceid",
    "trace",
    "opentelemetry_trace_id",
    "http_x_b3_traceid",
    "b3",
    "opentracing_trace_id",
  ],
  request_id: ["req_id", "rid", "reqid", "http_x_request_id", "x_request_id"],
};

const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries(aliasesOf).flatMap(([name, others]) =>
    others.map((other): [string, string] => [other, name]),
  ),
);
