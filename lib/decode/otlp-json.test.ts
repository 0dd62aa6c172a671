import { expect, it } from "vitest";

import { MalformedPayload } from "./malformed.ts";
import { spansOfTrace } from "./otlp-detail.ts";
import { tracesFromJson } from "./otlp-json.ts";

const traceId = "5B8EFFF798038103D269B633813FC60C";
const spanId = "EEE19B7EC3C1B174";

function text(span: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${traceId}","spanId":"${spanId}"${span}}]}]}]}`;
}

/** The span as it can be read back from the protobuf. */
function spanOf(span: string) {
  const [only] = spansOfTrace(tracesFromJson(text(span)), null);
  if (only === undefined) throw new Error("no span was given");
  return only;
}

function attributeOf(value: string) {
  return spanOf(`,"attributes":[{"key":"a","value":${value}}]`).attributes["a"];
}

it("keeps all that a span says", () => {
  const span = spanOf(`,
    "parentSpanId":"eee19b7ec3c1b173","name":"I'm a span","kind":2,
    "startTimeUnixNano":"1544712660000000123","endTimeUnixNano":"1544712661000000456",
    "status":{"code":2,"message":"no"},
    "events":[{"timeUnixNano":"1544712660500000001","name":"e","attributes":[{"key":"x","value":{"intValue":"1"}}]}],
    "links":[{"traceId":"${traceId}","spanId":"${spanId}"}]`);
  expect(span).toEqual({
    traceId: traceId.toLowerCase(),
    spanId: spanId.toLowerCase(),
    parentSpanId: "eee19b7ec3c1b173",
    name: "I'm a span",
    kind: "server",
    service: "unknown_service",
    scope: "",
    startNs: "1544712660000000123",
    endNs: "1544712661000000456",
    status: "error",
    statusMessage: "no",
    attributes: {},
    resource: {},
    events: [{ timeNs: "1544712660500000001", name: "e", attributes: { x: 1 } }],
    links: [{ traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase(), attributes: {} }],
  });
});

it("keeps resource and scope", () => {
  const payload = tracesFromJson(
    `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},
      "scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[{"traceId":"${traceId}","spanId":"${spanId}"}]}]}]}`,
  );
  expect(spansOfTrace(payload, null)).toMatchObject([{ service: "s", scope: "lib" }]);
});

it.each<[string, string, string]>([
  ["a decimal string", `"1544712660000000123"`, "1544712660000000123"],
  ["J3 a bare number beyond 2^53", "1544712660000000123", "1544712660000000123"],
  ["a bare number with space before it", " \n 1544712660000000123", "1544712660000000123"],
  ["the largest", `"18446744073709551615"`, "18446744073709551615"],
  ["the largest, bare", "18446744073709551615", "18446744073709551615"],
  ["just above 2^32", `"4294967296"`, "4294967296"],
  ["just above 2^53", `"9007199254740993"`, "9007199254740993"],
  ["zeros before it", `"00000000000000000000000042"`, "42"],
  ["null", "null", "0"],
  ["a small number", "5", "5"],
])("J3 a time is exact: %s", (_, json, expected) => {
  expect(spanOf(`,"startTimeUnixNano":${json}`).startNs).toBe(expected);
});

it.each<[string, unknown]>([
  [`{"intValue":"5"}`, 5],
  [`{"intValue":5}`, 5],
  [`{"intValue":"-5"}`, -5],
  [`{"intValue":-9223372036854775808}`, "-9223372036854775808"],
  [`{"intValue":"9223372036854775807"}`, "9223372036854775807"],
  [`{"intValue":-4294967296}`, -4_294_967_296],
  [`{"stringValue":"é 😀 \\u0000"}`, "é 😀 \0"],
  [
    `{"stringValue":"12345678901234567890, [12345678901234567890"}`,
    "12345678901234567890, [12345678901234567890",
  ],
  [`{"boolValue":true}`, true],
  [`{"boolValue":false}`, false],
  [`{"doubleValue":1.5}`, 1.5],
  [`{"doubleValue":"1.5e3"}`, 1500],
  [`{"doubleValue":"NaN"}`, "NaN"],
  [`{"doubleValue":"-Infinity"}`, "-Infinity"],
  [`{"doubleValue":12345678901234567890}`, 12_345_678_901_234_567_000],
  [`{"bytesValue":"aGk="}`, "aGk="],
  [`{"bytesValue":"_-8"}`, "/+8="],
  [`{"arrayValue":{"values":[{"intValue":1},{"stringValue":""},{}]}}`, [1, "", null]],
  [
    `{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}},{"key":"__proto__","value":{}}]}}`,
    JSON.parse(`{"k":true,"__proto__":null}`),
  ],
  [`{}`, null],
  [`null`, null],
  [`{"unknownValue":{"deep":[[[[1]]]]}}`, null],
])("an attribute value %s is %j", (json, expected) => {
  expect(attributeOf(json)).toEqual(expected);
});

it.each<[string, string]>([
  [`,"kind":3`, "client"],
  [`,"kind":"3"`, "client"],
  [`,"kind":"SPAN_KIND_CLIENT"`, "client"],
  [`,"kind":77`, "unspecified"],
  [`,"kind":null`, "unspecified"],
])("J4 the kind in {…%s} is %s", (span, kind) => {
  expect(spanOf(span).kind).toBe(kind);
});

it.each<[string, string]>([
  ["unknown fields", `,"unknown":{"a":[1,{"b":null}]},"name":"n"`],
  ["snake case", `,"start_time_unix_nano":true,"name":"n"`],
  ["null lists", `,"attributes":null,"events":null,"status":null,"name":"n"`],
  ["a key twice", `,"name":"m","name":"n"`],
])("J2, J6 %s is no fault", (_, span) => {
  expect(spanOf(span).name).toBe("n");
});

it.each([
  "{}",
  `{"resourceSpans":[]}`,
  `{"resourceSpans":[{}]}`,
  `{"resourceSpans":[{"scopeSpans":[{}]}]}`,
  "\uFEFF{}",
])("P2 %j has no spans", (json) => {
  expect(spansOfTrace(tracesFromJson(json), null)).toEqual([]);
});

it.each<[string, string]>([
  ["nothing", ""],
  ["J7 a number", "1234"],
  ["J7 a list", "[]"],
  ["J7 a string", `"{}"`],
  ["J7 null", "null"],
  ["J7 something behind the object", "{} {}"],
  ["a cut-off object", `{"resourceSpans":[`],
  ["J5 a string where a list stands", `{"resourceSpans":"x"}`],
  ["J5 a number where an object stands", `{"resourceSpans":[1]}`],
  ["a huge integer where an object stands", `{"resourceSpans":[12345678901234567890]}`],
  ["null where an object stands", `{"resourceSpans":[null]}`],
  ["J5 true as a time", text(`,"startTimeUnixNano":true`)],
  ["J5 a negative time", text(`,"startTimeUnixNano":"-1"`)],
  ["a time above 64 bits", text(`,"startTimeUnixNano":"18446744073709551616"`)],
  ["a fraction as a time", text(`,"startTimeUnixNano":1.5`)],
  ["J5 an int with letters", text(`,"attributes":[{"key":"a","value":{"intValue":"3.f14"}}]`)],
  [
    "an int above 64 bits",
    text(`,"attributes":[{"key":"a","value":{"intValue":"9223372036854775808"}}]`),
  ],
  ["a huge integer as a string", text(`,"name":12345678901234567890`)],
  ["J5 a negative uint32", text(`,"droppedAttributesCount":-1`)],
  ["a uint32 that is too large", text(`,"flags":4294967296`)],
  ["a kind beyond 32 bits", text(`,"kind":4294967296`)],
  ["an unknown kind by name", text(`,"kind":"SERVER"`)],
  ["a number as a name", text(`,"name":5`)],
  ["a bool in a string", text(`,"attributes":[{"key":"a","value":{"boolValue":"true"}}]`)],
  ["a double that is none", text(`,"attributes":[{"key":"a","value":{"doubleValue":"abc"}}]`)],
  ["bytes that are no base64", text(`,"attributes":[{"key":"a","value":{"bytesValue":"???"}}]`)],
  ["an id that is no string", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":1}]}]}]}`],
])("%s is malformed", (_, json) => {
  expect(() => tracesFromJson(json)).toThrow(MalformedPayload);
});

it.each([100, 5_000, 200_000])(
  "J8 values nested %i deep are malformed, and quickly so",
  (depth) => {
    for (const [open, close] of [
      [`{"arrayValue":{"values":[`, "]}}"],
      [`{"kvlistValue":{"values":[{"key":"k","value":`, "}]}}"],
    ] as const) {
      for (const inner of ["{}", `{"intValue":12345678901234567890}`]) {
        const value = open.repeat(depth) + inner + close.repeat(depth);
        const json = text(`,"attributes":[{"key":"a","value":${value}}]`);
        expect(() => tracesFromJson(json)).toThrow(MalformedPayload);
      }
    }
  },
);

it.each([
  ["that open", "[".repeat(20_000_000)],
  ["in an unknown field", `{"x":${"[".repeat(10_000_000)}${"]".repeat(10_000_000)}}`],
  ["behind text that looks closed", `{"a":"]]}\\"}","x":${'{"a":'.repeat(4_000_000)}`],
])("J8 millions of brackets %s are malformed at once", (_, json) => {
  const before = performance.now();
  expect(() => tracesFromJson(json)).toThrow(/too deep/);
  expect(performance.now() - before).toBeLessThan(1_000);
});

it("J8 more values than JSON.parse has room for are malformed at once", () => {
  const many = "{},".repeat(4_200_000);
  expect(() => tracesFromJson(`{"resourceSpans":[${many}{}]}`)).toThrow(/send smaller batches/);
});

it("brackets inside of strings are no depth", () => {
  const name = "[{".repeat(1_000);
  expect(spanOf(`,"name":"\\"${name}"`).name).toBe(`"${name}`);
});

it("values nested as deep as is allowed can be read back", () => {
  const value = `{"arrayValue":{"values":[`.repeat(44) + "{}" + "]}}".repeat(44);
  expect(JSON.stringify(attributeOf(value))).toBe(`${"[".repeat(44)}null${"]".repeat(44)}`);
});

it.each([127, 128, 16_383, 16_384, 2_097_152])(
  "lengths around %i bytes are written right",
  (length) => {
    for (const delta of [-12, -8, -6, -4, -2, -1, 0, 1]) {
      const name = "n".repeat(length + delta);
      const span = spanOf(`,"name":"${name}","kind":2`);
      expect(span.name.length).toBe(name.length);
      expect(span.kind).toBe("server");
    }
  },
);
