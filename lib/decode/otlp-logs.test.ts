import { expect, it } from "vitest";

import { MalformedPayload } from "./malformed.ts";
import { logsFromJson, tracesFromJson } from "./otlp-json.ts";
import { decodeLogs, type LogRecordFacts } from "./otlp-logs.ts";

function decode(records: readonly object[], resource: readonly object[] = []) {
  return decodeLogs(
    logsFromJson(
      JSON.stringify({
        resourceLogs: [
          { resource: { attributes: resource }, scopeLogs: [{ logRecords: records }] },
        ],
      }),
    ),
  );
}

function decodeOne(record: object): LogRecordFacts {
  const [only] = decode([record]).records;
  if (only === undefined) throw new Error("no record was given");
  return only;
}

const traefik = '10.0.0.1 - - [01/Dec/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5';
const upstream = [{ key: "ServiceAddr", value: { stringValue: "10.0.0.9:80" } }];

it.each<[string, object, string]>([
  ["text", { body: { stringValue: traefik }, attributes: upstream }, traefik],
  ["a map", { body: { kvlistValue: { values: upstream } } }, '{"ServiceAddr":"10.0.0.9:80"}'],
  ["empty", { body: { stringValue: "" }, attributes: upstream }, '{"ServiceAddr":"10.0.0.9:80"}'],
  ["absent", { attributes: upstream }, '{"ServiceAddr":"10.0.0.9:80"}'],
])("the line of a record whose body is %s", (_, record, line) => {
  expect(decodeOne(record).line).toBe(line);
});

it.each<[string, object, number | null]>([
  [
    "its time",
    { timeUnixNano: "1795000000123456789", observedTimeUnixNano: "1" },
    1_795_000_000_123_456,
  ],
  ["P8 when it was seen", { observedTimeUnixNano: "1795000000123456789" }, 1_795_000_000_123_456],
  ["P8 none", {}, null],
])("the time of a record is %s", (_, record, timeUs) => {
  expect(decodeOne(record).timeUs).toBe(timeUs);
});

it.each<[string, string | undefined, string | null]>([
  ["given", "5B8EFFF798038103D269B633813FC60C", "5b8efff798038103d269b633813fc60c"],
  ["absent", undefined, null],
  ["all zero", "0".repeat(32), null],
  ["too short", "5b8e", null],
])("P8 a trace id that is %s rejects nothing", (_, traceId, expected) => {
  expect(decodeOne({ traceId }).traceId).toBe(expected);
});

it("says who sent it", () => {
  const resource = [
    { key: "service.name", value: { stringValue: "traefik" } },
    { key: "host.name", value: { stringValue: "edge-1" } },
  ];
  const record = { severityNumber: 9, severityText: "INFO", attributes: upstream };
  expect(decode([record], resource).records).toMatchObject([
    {
      position: 0,
      service: "traefik",
      instance: "edge-1",
      severity: 9,
      severityText: "INFO",
      attributes: { ServiceAddr: "10.0.0.9:80" },
    },
  ]);
});

it("P10 spans that were posted as logs are rejected with a word on where to send them", () => {
  const spans = [{ traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174" }];
  const payload = tracesFromJson(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  expect(decodeLogs(payload)).toMatchObject({
    records: [],
    total: 1,
    rejected: 1,
    rejectedByKind: { span: 1 },
    rejections: [/\/v1\/traces/],
  });
});

it("P2 an empty payload has no records", () => {
  expect(decodeLogs(new Uint8Array(0))).toMatchObject({ records: [], total: 0, rejected: 0 });
});

it.each(["0a05", "0a0412021203", "0a06120412020932"])("B3 %s is malformed", (hex) => {
  expect(() => decodeLogs(Buffer.from(hex, "hex"))).toThrow(MalformedPayload);
});

it("of more records than one request may hold, the others are refused and counted", () => {
  const { records, total, rejectedByKind } = decode(Array.from({ length: 200_002 }, () => ({})));
  expect([records.length, total, rejectedByKind]).toEqual([
    200_000,
    200_002,
    { too_many_records: 2 },
  ]);
});
