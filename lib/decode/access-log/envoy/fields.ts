/** Envoy's command operators that a record is made from, by our names. */
export const envoyFields = [
  "startTime",
  "method",
  "path",
  "status",
  "flags",
  "details",
  "bytesSent",
  "durationMs",
  "serviceTimeMs",
  "forwardedFor",
  "client",
  "userAgent",
  "authority",
  "upstreamHost",
  "upstreamCluster",
  "upstreamFailure",
  "downstreamFailure",
  "attemptCount",
  "hostsAttempted",
  "traceId",
] as const;

export type EnvoyField = (typeof envoyFields)[number];
/** A field's text; absent and `-` alike are no value. */
export type EnvoyFields = Partial<Record<EnvoyField, string | undefined>>;

/** The field of a command operator, such as `START_TIME` or `REQ(X-ENVOY-ORIGINAL-PATH?:PATH)`. */
export function fieldOfOperator(operator: string): EnvoyField | null {
  const name = operator.replaceAll("%", "").replace(/:\d+$/, "");
  const header = /^(?:REQ|RESP)\((?<names>[^)]*)\)/.exec(name)?.groups?.["names"];
  if (header !== undefined) return fieldOfHeaders(header.toLowerCase());
  return operators[name.replace(/\(.*\)$/, "")] ?? null;
}

/** The field of a key that operators and Envoy Gateway commonly give in JSON. */
export function fieldOfKey(key: string): EnvoyField | null {
  const plain = key.toLowerCase().replaceAll("-", "_").replace(/^[:@]/, "");
  return keys[plain] ?? operators[plain.toUpperCase()] ?? null;
}

const operators: Readonly<Record<string, EnvoyField>> = {
  START_TIME: "startTime",
  RESPONSE_CODE: "status",
  RESPONSE_FLAGS: "flags",
  RESPONSE_CODE_DETAILS: "details",
  BYTES_SENT: "bytesSent",
  DURATION: "durationMs",
  UPSTREAM_HOST: "upstreamHost",
  UPSTREAM_REMOTE_ADDRESS: "upstreamHost",
  UPSTREAM_CLUSTER: "upstreamCluster",
  UPSTREAM_CLUSTER_RAW: "upstreamCluster",
  UPSTREAM_TRANSPORT_FAILURE_REASON: "upstreamFailure",
  DOWNSTREAM_TRANSPORT_FAILURE_REASON: "downstreamFailure",
  UPSTREAM_REQUEST_ATTEMPT_COUNT: "attemptCount",
  UPSTREAM_HOSTS_ATTEMPTED: "hostsAttempted",
  DOWNSTREAM_REMOTE_ADDRESS: "client",
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: "client",
  TRACE_ID: "traceId",
};

const headers: Readonly<Record<string, EnvoyField>> = {
  ":method": "method",
  ":path": "path",
  path: "path",
  "x-envoy-original-path": "path",
  "x-envoy-origin-path": "path",
  ":authority": "authority",
  host: "authority",
  "user-agent": "userAgent",
  "x-forwarded-for": "forwardedFor",
  "x-envoy-upstream-service-time": "serviceTimeMs",
  traceparent: "traceId",
};

function fieldOfHeaders(names: string): EnvoyField | null {
  return (
    names
      .split("?")
      .map((name) => headers[name] ?? null)
      .find((field) => field !== null) ?? null
  );
}

const keys: Readonly<Record<string, EnvoyField>> = {
  timestamp: "startTime",
  time: "startTime",
  starttime: "startTime",
  method: "method",
  request_method: "method",
  path: "path",
  request_path: "path",
  uri: "path",
  x_envoy_origin_path: "path",
  x_envoy_original_path: "path",
  status: "status",
  responsecode: "status",
  responseflags: "flags",
  upstream_service_time: "serviceTimeMs",
  x_envoy_upstream_service_time: "serviceTimeMs",
  x_forwarded_for: "forwardedFor",
  user_agent: "userAgent",
  authority: "authority",
  host: "authority",
  traceparent: "traceId",
  traceid: "traceId",
};
