import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { recordOf } from "#tests/access-log.ts";

import { fieldOfKey, fieldOfOperator } from "./envoy/fields.ts";

const documentation = readFileSync(new URL("../../../docs/sources.md", import.meta.url), "utf8");

const members = [
  ...(/```yaml envoy-json\n([^]*?)```/.exec(documentation)?.[1] ?? "").matchAll(
    /^ +(?<key>\w+): "(?<operator>%.*%)"$/gm,
  ),
].map(({ groups }) => ({ key: groups?.["key"] ?? "", operator: groups?.["operator"] ?? "" }));

it.each(members)(
  "Envoy's documented member $key is what its operator says",
  ({ key, operator }) => {
    expect(fieldOfKey(key)).not.toBeNull();
    expect(fieldOfKey(key)).toBe(fieldOfOperator(operator));
  },
);

it("a line of Envoy's documented format is read to its last member", () => {
  const values: Readonly<Record<string, string>> = {
    start_time: "2026-11-20T22:09:04.123Z",
    method: "GET",
    path: "/rsc.io/quote/@v/list",
    authority: "proxy.example.com",
    response_code: "503",
    response_flags: "UF,URX",
    response_code_details: "upstream_reset_before_response_started",
    bytes_sent: "91",
    duration: "41",
    x_envoy_upstream_service_time: "-",
    x_forwarded_for: "192.0.2.7",
    user_agent: "Go-http-client/1.1",
    upstream_host: "10.0.2.1:3000",
    upstream_cluster: "athens",
    upstream_request_attempt_count: "2",
    upstream_transport_failure_reason:
      "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
    downstream_transport_failure_reason: "-",
    downstream_remote_address: "192.0.2.7:51234",
    trace_id: "5b8efff798038103d269b633813fc60c",
  };
  expect(Object.keys(values)).toEqual(members.map(({ key }) => key));
  const line = JSON.stringify(values);
  const record = recordOf(accessLogDecoder({ format: "auto", logFormat: null }), line);
  expect(record).toMatchObject({
    format: "envoy",
    unread: null,
    status: 503,
    durationUs: 41_000,
    bytes: 91,
    client: "192.0.2.7",
    traceId: "5b8efff798038103d269b633813fc60c",
    attempts: [
      { upstream: "athens" },
      { upstream: "athens", endpoint: "10.0.2.1:3000", tlsReason: "certificate_verify_failed" },
    ],
  });
});
