import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, it } from "vitest";

import { transportTimeUs } from "./access-log/unwrap.ts";
import { lokiBody, lokiStreams } from "./loki.ts";

const { root } = protobuf.parse(`syntax = "proto3";
  message Timestamp { int64 seconds = 1; int64 nanos = 2; }
  message Entry { Timestamp timestamp = 1; bytes line = 2; }
  message Stream { string labels = 1; repeated Entry entries = 2; }
  message Push { repeated Stream streams = 1; }`);
const pushType = root.lookupType("Push");

interface Entry {
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly line: Buffer;
}

const yearTenThousandUs = Date.UTC(10_000, 0) * 1000;

/** A line as it is to stand in a body, made of its text. */
function asText({ timestamp, line }: Entry): string {
  const text = new TextDecoder()
    .decode(line)
    .replaceAll(/[\r\n]+/g, " ")
    .trimEnd();
  const timeUs = timestamp.seconds * 1_000_000 + Math.floor(timestamp.nanos / 1000);
  const isSayable = timeUs > 0 && timeUs < yearTenThousandUs;
  if (!isSayable || transportTimeUs(text) !== null) return `${text}\n`;
  const millis = new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, -1);
  return `${millis}${`${timeUs % 1000}`.padStart(3, "0")}Z stdout F ${text}\n`;
}

const time = "2026-11-20T22:09:04.123+01:00";
const request = '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl"';
const blanks = [" ", "  ", "\t", "\r", "\n", "\r\n", "\u00A0", "\u3000", "\uFEFF", "\u007F"];
const times = [time, "2026-99-20T22:09:04Z", "0-00T00:", '{"time":"', '","x":1}', "<134>1 "];
const pieces = [request, "a", "ö", "𝄞", "|", "edge-1  | ", ...blanks, ...times];
const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 8 }));
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(piece, { maxLength: 6 }).map((parts) => Buffer.from(parts.join(""))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
);
const usual = fc.record({
  seconds: fc.constantFrom(0, 1_795_212_544, 1_795_212_545),
  nanos: fc.constant(0),
});
const timestamp = fc.oneof(
  usual,
  fc.record({
    seconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8_000_000_000 })),
    nanos: fc.oneof(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(999, 2 ** 40)),
  }),
  fc.record({
    seconds: fc.constantFrom(253_402_300_799, 253_402_300_800, 1_795_212_544_000, 2 ** 52),
    nanos: fc.constant(0),
  }),
);

function streamsOf(at: typeof timestamp): fc.Arbitrary<Entry[][]> {
  return fc.array(fc.array(fc.record({ timestamp: at, line }), { maxLength: 5 }), {
    maxLength: 3,
  });
}

it("writes the lines of a push in protobuf as their text would be written", () => {
  fc.assert(
    fc.property(streamsOf(timestamp), (streams) => {
      const push = pushType.encode({ streams: streams.map((entries) => ({ entries })) }).finish();
      const body = lokiBody(lokiStreams(push, "protobuf"));
      expect(body.toString()).toBe(streams.flat().map(asText).join(""));
    }),
    { numRuns: 1_000 },
  );
});

it("writes the lines of a push in JSON as their text would be written", () => {
  fc.assert(
    fc.property(streamsOf(usual), (streams) => {
      const values = streams.map((entries) => ({ values: entries.map(inJson) }));
      const push = Buffer.from(JSON.stringify({ streams: values }));
      const body = lokiBody(lokiStreams(push, "json"));
      expect(body.toString()).toBe(streams.flat().map(asText).join(""));
    }),
  );
});

function inJson({ timestamp: { seconds }, line: bytes }: Entry): readonly [string, string] {
  return [`${seconds}000000000`, new TextDecoder().decode(bytes)];
}

it.each<[string, string, string]>([
  ["is cut by a line end", "a\r\n\nb\r\n", "2026-11-20T22:09:04.000007Z stdout F a b\n"],
  ["is no UTF-8", "a\u00FF", "2026-11-20T22:09:04.000007Z stdout F a\uFFFD\n"],
  ["is empty", "", "2026-11-20T22:09:04.000007Z stdout F \n"],
  ["has the time of its transport", `${time} stderr F a`, `${time} stderr F a\n`],
  ["has another time", `a ${time}`, `2026-11-20T22:09:04.000007Z stdout F a ${time}\n`],
])("a line that %s stays one, with one time", (_, text, written) => {
  const entry = {
    timestamp: { seconds: 1_795_212_544, nanos: 7_999 },
    line: Buffer.from(text, "latin1"),
  };
  const push = pushType.encode({ streams: [{ entries: [entry] }] }).finish();
  expect(lokiBody(lokiStreams(push, "protobuf")).toString()).toBe(written);
});

/** A field of protobuf with this content. */
function inField(tag: number, content: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const emptyEntries = (count: number): Buffer => inField(0x0a, Buffer.alloc(2 * count, "\x12\0"));
const emptyStreams = (count: number): Buffer => Buffer.alloc(2 * count, "\x0a\0");

it.each([
  ["entries of one stream", emptyEntries(1_000_000), emptyEntries(1_000_001)],
  [
    "entries of several",
    Buffer.concat([emptyEntries(1_000_000), emptyStreams(2)]),
    Buffer.concat([emptyEntries(600_000), emptyEntries(600_000)]),
  ],
  ["streams", emptyStreams(10_000), emptyStreams(10_001)],
])("takes no more %s than one push may hold", (_, most, more) => {
  expect(lokiStreams(most, "protobuf").length).toBeGreaterThan(0);
  expect(() => lokiStreams(more, "protobuf")).toThrow("send smaller batches");
});

const labelled = (value: string): Buffer =>
  inField(0x0a, inField(0x0a, Buffer.from(`{job="${value}"}`)));

it("takes no labels that are longer than any", () => {
  const [stream] = lokiStreams(labelled("x".repeat(65_000)), "protobuf");
  expect(stream?.labels.get("job")).toHaveLength(65_000);
  expect(() => lokiStreams(labelled("x".repeat(66_000)), "protobuf")).toThrow(/longer than 65536/);
});

it.each([
  ["streams", `{"streams":[${'{"values":[]},'.repeat(10_000)}{"values":[]}]}`],
  ["values", `{"streams":[],"x":[${"0,".repeat(4_200_000)}0]}`],
])("takes no more %s of JSON than one push may hold", (_, body) => {
  expect(() => lokiStreams(Buffer.from(body), "json")).toThrow("send smaller batches");
});
