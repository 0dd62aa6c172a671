import { expect, it } from "vitest";

import { MalformedPayload } from "./malformed.ts";
import { spansOfTrace } from "./otlp-detail.ts";
import { logsFromJson, tracesFromJson } from "./otlp-json.ts";
import { decodeLogs } from "./otlp-logs.ts";
import { decodeTraces } from "./otlp-traces.ts";

const rounds = 2_000;

const json = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "edge" } }] },
      scopeSpans: [
        {
          scope: { name: "s", attributes: [{ key: "k", value: { doubleValue: 1.5 } }] },
          spans: [2, 3].map((kind) => ({
            traceId: "0102030405060708090a0b0c0d0e0f10",
            spanId: "0102030405060708",
            parentSpanId: "0102030405060709",
            kind,
            startTimeUnixNano: "1795000000000000000",
            endTimeUnixNano: 1_795_000_000_000,
            attributes: [
              { key: "http.request.method", value: { stringValue: "GET" } },
              { key: "url.full", value: { stringValue: "https://a:1/b?c" } },
              { key: "http.response.status_code", value: { intValue: "200" } },
              {
                key: "http.response.header.x-cache",
                value: { arrayValue: { values: [{ stringValue: "HIT" }] } },
              },
              {
                key: "m",
                value: { kvlistValue: { values: [{ key: "n", value: { bytesValue: "AAEC" } }] } },
              },
            ],
            events: [
              {
                name: "exception",
                attributes: [{ key: "exception.message", value: { stringValue: "tls" } }],
              },
            ],
            links: [
              {
                traceId: "0102030405060708090a0b0c0d0e0f10",
                attributes: [{ key: "l", value: {} }],
              },
            ],
            status: { code: 2 },
          })),
        },
      ],
    },
  ],
});
const valid = tracesFromJson(json);

/** Numbers that are the same in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** The bytes with a few of them changed, moved, left out or put twice. */
function mutated(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let result = Buffer.from(bytes);
  for (let count = 1 + random(4); count > 0 && result.length > 0; count -= 1) {
    const at = random(result.length);
    const to = at + random(Math.min(30, result.length - at) + 1);
    const [before, part, after] = [
      result.subarray(0, at),
      result.subarray(at, to),
      result.subarray(to),
    ];
    const changes = [
      () => result.fill(random(256), at, at + 1),
      () => result.fill([0, 0x7f, 0x80, 0xff][random(4)] ?? 0, at, to),
      () => (result = Buffer.concat([before, after])),
      () => (result = Buffer.concat([before, part, part, after])),
      () => (result = Buffer.from(before)),
    ];
    changes[random(changes.length)]?.();
  }
  return result;
}

/** What came of it: only a value or MalformedPayload may. */
function outcome(decode: () => unknown): "value" | "malformed" {
  try {
    decode();
    return "value";
  } catch (error) {
    if (error instanceof MalformedPayload) return "malformed";
    throw error;
  }
}

/** Converts JSON; what comes out must decode. */
function converted(text: string): "value" | "malformed" {
  let payload: Uint8Array | null = null;
  const result = outcome(() => {
    payload = tracesFromJson(text);
  });
  if (payload !== null) decodeTraces(payload);
  return result;
}

it("any bytes decode to a value or are malformed", () => {
  const random = randomOf(1);
  const seen = { value: 0, malformed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const bytes = Uint8Array.from({ length: random(200) }, () => random(256));
    seen[outcome(() => decodeTraces(bytes))] += 1;
  }
  expect(seen.value + seen.malformed).toBe(rounds);
});

it("a damaged request decodes to a value or is malformed, and what decodes can be shown", () => {
  const random = randomOf(2);
  const seen = { value: 0, malformed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const bytes = mutated(valid, random);
    seen[
      outcome(() => {
        const { total } = decodeTraces(bytes);
        expect(spansOfTrace(bytes, null)).toHaveLength(total);
      })
    ] += 1;
  }
  expect(seen.value).toBeGreaterThan(rounds / 20);
  expect(seen.malformed).toBeGreaterThan(rounds / 20);
});

it("damaged logs decode to a value or are malformed", () => {
  const random = randomOf(5);
  const logs = logsFromJson(
    JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "edge" } }] },
          scopeLogs: [
            {
              logRecords: ["GET /a HTTP/1.1", "x"].map((stringValue) => ({
                timeUnixNano: "1795000000000000000",
                body: { stringValue },
                attributes: [{ key: "a", value: { arrayValue: { values: [{ intValue: 1 }] } } }],
                traceId: "0102030405060708090a0b0c0d0e0f10",
              })),
            },
          ],
        },
      ],
    }),
  );
  const seen = { value: 0, malformed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const bytes = mutated(logs, random);
    seen[outcome(() => decodeLogs(bytes))] += 1;
  }
  expect(seen.value).toBeGreaterThan(rounds / 20);
  expect(seen.malformed).toBeGreaterThan(rounds / 20);
});

it("a request that is cut off anywhere is malformed", () => {
  for (let length = 0; length < valid.length; length += 1) {
    const cut = valid.subarray(0, length);
    // The outermost length says how much should come, so nothing but the empty payload is whole.
    expect(outcome(() => decodeTraces(cut))).toBe(length === 0 ? "value" : "malformed");
  }
});

it("damaged JSON converts to what decodes, or is malformed", () => {
  const random = randomOf(3);
  const bytes = new TextEncoder().encode(json);
  const decoder = new TextDecoder();
  const seen = { value: 0, malformed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const text = decoder.decode(mutated(bytes, random));
    seen[converted(text)] += 1;
  }
  expect(seen.value).toBeGreaterThan(20);
  expect(seen.malformed).toBeGreaterThan(rounds / 20);
});

it("values of any shape in place of those expected convert or are malformed", () => {
  const random = randomOf(4);
  const seen = { value: 0, malformed: 0 };
  const odd = [
    null,
    true,
    -1,
    1.5,
    1e300,
    "",
    "x",
    "-9",
    [],
    [null],
    [[]],
    {},
    { a: 1 },
    { values: 1 },
  ];
  const replace = (value: unknown): unknown => {
    if (random(25) === 0) return odd[random(odd.length)];
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item)]));
  };
  for (let round = 0; round < rounds; round += 1) {
    const text = JSON.stringify(replace(JSON.parse(json)));
    seen[converted(text)] += 1;
  }
  expect(seen.value).toBeGreaterThan(20);
  expect(seen.malformed).toBeGreaterThan(20);
});
