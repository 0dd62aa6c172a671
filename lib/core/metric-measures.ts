/** What a product number counts. */
export type Measure = "requests" | "errors" | "cacheHits" | "cacheMisses" | "cacheLookups";

/** One metric that a proxy emits, and what its series count. */
interface Source {
  readonly name: string;
  /** The attribute that names the upstream; absent where the proxy itself is counted. */
  readonly upstream?: string;
  /** The attribute with a status or its class; absent where no status is told apart. */
  readonly status?: string;
  /** What a series counts by its attributes; requests when absent. */
  readonly counts?: (attributes: Attributes) => readonly Measure[];
  /** Series that say the same as others, or that are no traffic. */
  readonly without?: (attributes: Attributes) => boolean;
}

type Attributes = Readonly<Record<string, string>>;

/**
 * The numbers that proxies really emit, by the names under which their exporters and OpenTelemetry send them.
 * For each number of a proxy the first metric that it has counts: others would count the same again.
 */
const sources: readonly Source[] = [
  // Envoy: its Prometheus page, and its OpenTelemetry sink.
  { name: "envoy_http_downstream_rq_xx", status: "envoy_response_code_class", without: isAdmin },
  {
    name: "envoy_cluster_upstream_rq_xx",
    upstream: "envoy_cluster_name",
    status: "envoy_response_code_class",
  },
  { name: "http.downstream_rq_xx", status: "envoy.response_code_class", without: isAdmin },
  {
    name: "cluster.upstream_rq_xx",
    upstream: "envoy.cluster_name",
    status: "envoy.response_code_class",
  },
  // HAProxy's own exporter.
  { name: "haproxy_frontend_http_responses_total", status: "code" },
  { name: "haproxy_frontend_http_cache_hits_total", counts: () => ["cacheHits"] },
  { name: "haproxy_frontend_http_cache_lookups_total", counts: () => ["cacheLookups"] },
  { name: "haproxy_backend_http_responses_total", upstream: "proxy", status: "code" },
  // Traefik; its own entry point serves its page of metrics.
  {
    name: "traefik_entrypoint_requests_total",
    status: "code",
    without: ({ entrypoint }) => entrypoint === "traefik",
  },
  { name: "traefik_service_requests_total", upstream: "service", status: "code" },
  // nginx: ingress-nginx, the VTS module, and the exporters of stub_status and of NGINX Plus.
  { name: "nginx_ingress_controller_requests", upstream: "service", status: "status" },
  { name: "nginx_vts_server_requests_total", status: "code", without: isVtsTotal },
  { name: "nginx_vts_server_cache_total", counts: cacheOf("status"), without: isVtsTotal },
  {
    name: "nginx_vts_upstream_requests_total",
    upstream: "upstream",
    status: "code",
    without: isVtsTotal,
  },
  { name: "nginx_http_requests_total" },
  { name: "nginxplus_http_requests_total" },
  { name: "nginxplus_upstream_server_responses", upstream: "upstream", status: "code" },
  // Squid and Varnish, by their exporters.
  { name: "squid_client_http_requests_total" },
  { name: "squid_client_http_errors_total", counts: () => ["errors"] },
  { name: "squid_client_http_hits_total", counts: () => ["cacheHits"] },
  { name: "varnish_main_client_req" },
  { name: "varnish_main_cache_hit", counts: () => ["cacheHits"] },
  { name: "varnish_main_cache_miss", counts: () => ["cacheMisses"] },
  // Athens.
  { name: "proxy_cache_lookup_total", counts: cacheOf("cache_result") },
  {
    name: "proxy_upstream_fetch_total",
    upstream: "",
    counts: ({ fetch_result: result }) =>
      result === "success" ? ["requests"] : ["requests", "errors"],
  },
  { name: "proxy_http_server_request_duration_seconds", status: "http_response_status_code" },
  { name: "proxy_http_server_duration_milliseconds", status: "http_status_code" },
  // Whatever follows OpenTelemetry's conventions.
  { name: "http.server.request.duration", status: "http.response.status_code" },
  { name: "http.server.duration", status: "http.status_code" },
  {
    name: "http.client.request.duration",
    upstream: "server.address",
    status: "http.response.status_code",
  },
];

const ranks = new Map(sources.map(({ name }, rank) => [name, rank]));

/** Every metric that a product number can come from. */
export const measuredNames: readonly string[] = sources.map(({ name }) => name);

/** What one series of a metric counts. */
export interface Measured {
  /** Null for the proxy itself; "" where the metric does not say which upstream. */
  readonly upstream: string | null;
  readonly counts: readonly Measure[];
  /** Whether errors are told apart, so that none is 0 and not unknown. */
  readonly tellsErrors: boolean;
  /** Of several metrics that count the same, the lowest is taken. */
  readonly rank: number;
}

/** What a series counts; null when it is none of the numbers that are known. */
export function measuredBy(name: string, attributes: Attributes): Measured | null {
  const rank = ranks.get(name) ?? -1;
  const source = sources[rank];
  if (source === undefined || source.without?.(attributes) === true) return null;
  const upstream = source.upstream === undefined ? null : (attributes[source.upstream] ?? "");
  return { upstream, rank, ...countsOf(source, attributes) };
}

function countsOf(
  { counts, status }: Source,
  attributes: Attributes,
): Pick<Measured, "counts" | "tellsErrors"> {
  if (counts !== undefined) {
    const measures = counts(attributes);
    return { counts: measures, tellsErrors: measures.includes("errors") };
  }
  if (status === undefined) return { counts: ["requests"], tellsErrors: false };
  const failed = isErrorStatus(attributes[status] ?? "");
  return { counts: failed ? ["requests", "errors"] : ["requests"], tellsErrors: true };
}

/** A status, or a class such as `5xx` or `5`; 429 counts where it is told from other 4xx. */
function isErrorStatus(text: string): boolean {
  return text.startsWith("5") || text === "429";
}

function cacheOf(attribute: string): (attributes: Attributes) => readonly Measure[] {
  return (attributes) => {
    const word = attributes[attribute] ?? "";
    if (word === "hit") return ["cacheHits"];
    return word === "miss" ? ["cacheMisses"] : [];
  };
}

function isVtsTotal({ host, code, status }: Attributes): boolean {
  return host === "*" || code === "total" || status === "total";
}

function isAdmin(attributes: Attributes): boolean {
  const prefix =
    attributes["envoy_http_conn_manager_prefix"] ?? attributes["envoy.http_conn_manager_prefix"];
  return prefix === "admin";
}
