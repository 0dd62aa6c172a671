import { expect, it } from "vitest";

import { measuredBy } from "./metric-measures.ts";

it.each<[string, Record<string, string>, string | null, readonly string[] | null]>([
  ["proxy_cache_lookup_total", { cache_result: "hit" }, null, ["cacheHits"]],
  ["proxy_cache_lookup_total", { cache_result: "miss" }, null, ["cacheMisses"]],
  ["proxy_upstream_fetch_total", { fetch_result: "failure" }, "", ["requests", "errors"]],
  [
    "envoy_cluster_upstream_rq_xx",
    { envoy_cluster_name: "goproxy", envoy_response_code_class: "5" },
    "goproxy",
    ["requests", "errors"],
  ],
  [
    "cluster.upstream_rq_xx",
    { "envoy.cluster_name": "goproxy", "envoy.response_code_class": "4" },
    "goproxy",
    ["requests"],
  ],
  [
    "envoy_http_downstream_rq_xx",
    { envoy_http_conn_manager_prefix: "admin", envoy_response_code_class: "2" },
    null,
    null,
  ],
  [
    "traefik_service_requests_total",
    { service: "go@docker", code: "429" },
    "go@docker",
    ["requests", "errors"],
  ],
  ["traefik_entrypoint_requests_total", { entrypoint: "traefik", code: "200" }, null, null],
  [
    "haproxy_backend_http_responses_total",
    { proxy: "pool", code: "5xx" },
    "pool",
    ["requests", "errors"],
  ],
  ["haproxy_frontend_http_responses_total", { proxy: "web", code: "4xx" }, null, ["requests"]],
  ["nginx_vts_server_requests_total", { host: "*", code: "2xx" }, null, null],
  [
    "http.server.request.duration",
    { "http.response.status_code": "502" },
    null,
    ["requests", "errors"],
  ],
  ["go_goroutines", {}, null, null],
])("%s %o", (name, attributes, upstream, counts) => {
  const measured = measuredBy(name, attributes);
  expect([measured?.counts ?? null, measured?.upstream ?? null]).toEqual([counts, upstream]);
});
