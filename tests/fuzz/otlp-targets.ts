import { MalformedPayload } from "#lib/decode/malformed.ts";
import { spansOfTrace } from "#lib/decode/otlp-detail.ts";
import { logsFromJson, metricsFromJson, tracesFromJson } from "#lib/decode/otlp-json.ts";
import { decodeLogs } from "#lib/decode/otlp-logs.ts";
import { decodeMetrics } from "#lib/decode/otlp-metrics.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";

import { mutatedBytes, mutatedText, randomBytes, type Random } from "./mutate.ts";
import type { Target } from "./run-fuzz.ts";

const ids = { traceId: "0102030405060708090a0b0c0d0e0f10", spanId: "0102030405060708" };
const resource = { attributes: [{ key: "service.name", value: { stringValue: "edge" } }] };
const attributes = [
  { key: "http.request.method", value: { stringValue: "GET" } },
  { key: "http.status_code", value: { stringValue: "200" } },
  { key: "url.full", value: { stringValue: "https://[::1]:443/b?c#d" } },
  { key: "http.response.status_code", value: { intValue: "200" } },
  { key: "server.address", value: { stringValue: "a" } },
  {
    key: "http.response.header.x-cache",
    value: { arrayValue: { values: [{ stringValue: "HIT" }] } },
  },
  { key: "m", value: { kvlistValue: { values: [{ key: "n", value: { bytesValue: "AAEC" } }] } } },
  { key: "error.type", value: { doubleValue: 1.5 } },
];
const tracesJson = JSON.stringify({
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          spans: [1, 2, 3].map((kind) => ({
            ...ids,
            parentSpanId: "0102030405060709",
            kind,
            startTimeUnixNano: "1795000000000000000",
            endTimeUnixNano: 1_795_000_000_000,
            attributes,
            events: [{ name: "exception", attributes }],
            links: [{ ...ids, attributes }],
            status: { code: 2, message: "tls: bad certificate" },
          })),
        },
      ],
    },
  ],
});
const logsJson = JSON.stringify({
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          logRecords: ["GET /a HTTP/1.1", "x"].map((stringValue) => ({
            ...ids,
            timeUnixNano: "1795000000000000000",
            severityNumber: 9,
            body: { stringValue },
            attributes,
          })),
        },
      ],
    },
  ],
});
const points = [
  {
    attributes,
    startTimeUnixNano: "1794999990000000000",
    timeUnixNano: "1795000000000000000",
    asInt: "7",
  },
  { timeUnixNano: "1795000000000000000", asDouble: 1.5 },
];
const distribution = { timeUnixNano: "1795000000000000000", count: "5", sum: 1.5 };
const metricsJson = JSON.stringify({
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          metrics: [
            { name: "a", unit: "s", gauge: { dataPoints: points } },
            {
              name: "b",
              sum: { dataPoints: points, aggregationTemporality: 2, isMonotonic: true },
            },
            {
              name: "c",
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [{ ...distribution, bucketCounts: ["2", "3"], explicitBounds: [0.5] }],
              },
            },
            {
              name: "d",
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    ...distribution,
                    scale: 3,
                    zeroCount: "1",
                    positive: { offset: -2, bucketCounts: ["1", "0", "3"] },
                  },
                ],
              },
            },
            {
              name: "e",
              summary: {
                dataPoints: [{ ...distribution, quantileValues: [{ quantile: 0.9, value: 3 }] }],
              },
            },
          ],
        },
      ],
    },
  ],
});
const traces = tracesFromJson(tracesJson);
const metrics = metricsFromJson(metricsJson);
const logs = logsFromJson(logsJson);

/** Every reader of OpenTelemetry. */
export const otlpTargets: readonly Target[] = [
  { name: "traces in protobuf", feed: (random) => checkTraces(payloadOf(traces, random)) },
  { name: "logs in protobuf", feed: (random) => checkLogs(payloadOf(logs, random)) },
  { name: "metrics in protobuf", feed: (random) => checkMetrics(payloadOf(metrics, random)) },
  {
    name: "metrics in JSON",
    feed: (random) => {
      const payload = unlessMalformed(() => metricsFromJson(jsonOf(metricsJson, random)));
      if (payload !== null) decodeMetrics(payload);
    },
  },
  {
    name: "traces in JSON",
    feed: (random) => {
      const payload = unlessMalformed(() => tracesFromJson(jsonOf(tracesJson, random)));
      // What was converted must be readable: nobody else made it.
      if (payload !== null) decodeTraces(payload);
    },
  },
  {
    name: "logs in JSON",
    feed: (random) => {
      const payload = unlessMalformed(() => logsFromJson(jsonOf(logsJson, random)));
      if (payload !== null) decodeLogs(payload);
    },
  },
];

function payloadOf(valid: Uint8Array, random: Random): Uint8Array {
  return random(5) === 0 ? randomBytes(random, 400) : mutatedBytes(valid, random);
}

function jsonOf(valid: string, random: Random): string {
  return mutatedText(valid, valid, random);
}

function checkTraces(payload: Uint8Array): void {
  const decoded = unlessMalformed(() => decodeTraces(payload));
  if (decoded === null) return;
  const { spans, total, rejected } = decoded;
  if (spans.length + rejected !== total) throw new Error("spans are not all counted");
  for (const span of spans) checkSpan(span);
  if (spansOfTrace(payload, null).length !== total) throw new Error("spans cannot all be shown");
}

function checkSpan({ startUs, durationUs, http }: SpanRecord): void {
  if (!Number.isFinite(startUs) || !(durationUs >= 0)) throw new Error("no time");
  const status = http?.status ?? 0;
  if (!(status >= 0 && status <= 32_767)) throw new Error(`the status is ${status}`);
}

function checkLogs(payload: Uint8Array): void {
  const decoded = unlessMalformed(() => decodeLogs(payload));
  if (decoded === null) return;
  if (decoded.records.length + decoded.rejected !== decoded.total) {
    throw new Error("records are not all counted");
  }
}

function checkMetrics(payload: Uint8Array): void {
  const decoded = unlessMalformed(() => decodeMetrics(payload));
  if (decoded === null) return;
  const taken = new Set(decoded.points.map(({ position }) => position)).size;
  const refused = Object.values(decoded.rejectedByKind).reduce((sum, count) => sum + count, 0);
  if (taken + refused !== decoded.total) {
    throw new Error(`${taken} and ${refused} of ${decoded.total} points are counted`);
  }
  for (const { atUs } of decoded.points) if (!Number.isFinite(atUs)) throw new Error("no time");
}

function unlessMalformed<Result>(decode: () => Result): Result | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedPayload) return null;
    throw error;
  }
}
