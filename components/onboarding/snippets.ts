/** What a reader copies to send the first telemetry. */
export interface Snippet {
  readonly key: "otel" | "nginx" | "curl";
  readonly text: string;
}

interface Address {
  /** Where this installation is reached, without a slash at the end. */
  readonly origin: string;
  readonly tokenAsked: boolean;
}

/** The snippets for an OpenTelemetry SDK, nginx and curl, with this installation's address in them. */
export function snippets(address: Address): readonly Snippet[] {
  return [
    { key: "otel", text: otel(address) },
    { key: "nginx", text: nginx(address) },
    { key: "curl", text: curl(address) },
  ];
}

function otel({ origin, tokenAsked }: Address): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    "export OTEL_SERVICE_NAME=my-go-proxy",
    ...(tokenAsked ? ['export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20TOKEN"'] : []),
  ].join("\n");
}

function nginx(address: Address): string {
  return [
    "# nginx.conf, inside http { }",
    "log_format viascope escape=json",
    `  '{"msec":"$msec","remote_addr":"$remote_addr","request":"$request","status":"$status",'`,
    `  '"bytes_sent":"$bytes_sent","request_time":"$request_time","upstream_addr":"$upstream_addr",'`,
    `  '"upstream_status":"$upstream_status","upstream_connect_time":"$upstream_connect_time",'`,
    `  '"upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time",'`,
    `  '"upstream_cache_status":"$upstream_cache_status","proxy_host":"$proxy_host"}';`,
    "access_log /var/log/nginx/viascope.log viascope;",
    "",
    "# in bash: ship what is written, about a batch a second",
    "tail -n0 -F /var/log/nginx/viascope.log | while IFS= read -r lines; do",
    "  for ((n = 1; n < 1000; n++)); do",
    "    IFS= read -r -t 1 line || break",
    "    lines+=$'\\n'$line",
    "  done",
    `  printf '%s\\n' "$lines" | ${post(address, "nginx", "edge-nginx")}`,
    "done",
  ].join("\n");
}

function curl(address: Address): string {
  return [
    `printf '%s\\n' '10.0.0.7 - - ['"$(date '+%d/%b/%Y:%H:%M:%S %z')"'] "GET /golang.org/x/net/@v/list HTTP/1.1" 200 1042 "-" "Go-http-client/2.0"' |`,
    `  ${post(address, "auto", "hello")}`,
  ].join("\n");
}

function post({ origin, tokenAsked }: Address, format: string, proxy: string): string {
  const token = tokenAsked ? "-H 'Authorization: Bearer TOKEN' " : "";
  return `curl -sS ${token}--data-binary @- '${origin}/ingest/access-logs?format=${format}&proxy=${proxy}'`;
}
