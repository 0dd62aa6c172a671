import { existsSync } from "node:fs";

import { expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { corpora } from "#tests/log-corpora.ts";
import { type OtherFacts, otherReadings } from "#tests/other-parsers.ts";

/** Where others read less, or by another rule; each was looked at. */
const known: readonly RegExp[] = [
  // They take for requests what lines of error logs, and of connections, say of them.
  /: The error-log line tells of no request's outcome\./,
  /^haproxy.datadog-haproxy_tests\.yaml: .* Connect from /,
  // The address nearest to the proxy; ours is the first of X-Forwarded-For.
  /^(?:envoy|traefik)\/crowdsec-\S+: client \S+, not (?:10\.|fd00:1234:5678::1$)/,
  // Nanoseconds, under the name of milliseconds.
  /^traefik\/crowdsec-traefik-json: durationMs [\d.]+, not \d{5,}$/,
  // Nothing was sent, which Caddy writes as 0.
  /^caddy\/crowdsec-caddy: status undefined, not 0$/,
  // A line that they cannot read.
  /^apache\/ops-agent-apache-access: \w+ .+, not (?:0|)$/,
  /: userAgent undefined, not $/,
  // The whole URL, which Varnish makes of the host and the path.
  /^varnish\/ops-agent-varnish: path \/test, not http:\/\/localhost:8080\/test$/,
];

it.skipIf(!existsSync(corpora))("reads what other parsers read", () => {
  const readings = otherReadings();
  const differences = readings.flatMap(({ file, format, line, facts }) => {
    const record = accessLogDecoder({ format, logFormat: null }).decode(line, 0);
    if (typeof record === "string") return [`${file}: ${record} ${line}`];
    return differencesOf(record, facts).map((difference) => `${file}: ${difference}`);
  });
  expect(readings.length).toBeGreaterThan(80);
  expect(differences.filter((text) => !known.some((why) => why.test(text)))).toEqual([]);
  expect(known.filter((why) => !differences.some((text) => why.test(text)))).toEqual([]);
});

function differencesOf(record: AccessRecord, facts: OtherFacts): string[] {
  const ours: Readonly<Record<keyof OtherFacts, string | number | null>> = {
    method: record.method,
    path: record.path,
    status: record.status,
    bytes: record.bytes,
    client: record.client,
    userAgent: record.userAgent,
    durationMs: record.durationUs === null ? null : record.durationUs / 1000,
  };
  return Object.entries(ours).flatMap(([name, own]) => {
    const other = Object.entries(facts).find(([key]) => key === name)?.[1];
    return other === undefined || own === other ? [] : `${name} ${own ?? undefined}, not ${other}`;
  });
}
