import { lokiBody, lokiStreams } from "#lib/decode/loki.ts";
import { MalformedPayload } from "#lib/decode/malformed.ts";
import { decodePrometheusPage } from "#lib/decode/prometheus-text.ts";
import { syslogSource } from "#lib/decode/syslog.ts";
import { NotSnappy, snappySize, unsnapped } from "#lib/receive/http/snappy.ts";
import { BrokenFraming, SyslogFraming } from "#lib/receive/syslog/framing.ts";

import { mutatedBytes, mutatedText, oneOf, randomBytes, type Random } from "./mutate.ts";
import type { Target } from "./run-fuzz.ts";

/** A field of protobuf with a length. */
function field(number: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body]);
}

const labels = '{app="edge", host="a\\"b", filename="/var/log/nginx/access.log"}';
const line = '192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET / HTTP/1.1" 200 5';
const entry = [
  field(1, Buffer.from([0x08, 0x80, 0xe1, 0xf4, 0xd7, 0x06, 0x10, 0x07])),
  field(2, line),
  field(3, field(1, "trace_id"), field(2, "0102")),
];
const lokiProtobuf = field(1, field(1, labels), field(2, ...entry), field(2, ...entry));
const lokiJson = JSON.stringify({
  streams: [
    {
      stream: { app: "edge", detected_level: "error" },
      values: [
        ["1795000000000000000", line],
        ["1795000000000000001", "x", { trace_id: "0102" }],
      ],
    },
  ],
});
/** A literal, a copy of it and an overlapping one, as Snappy writes them. */
const snappy = Buffer.from([20, 0x0c, 0x61, 0x62, 0x63, 0x64, 0x0d, 0x04, 0x1d, 0x01]);
const page = `# HELP athens_cache_lookups Lookups.
# TYPE athens_cache_lookups counter
athens_cache_lookups{result="hit",path="a\\\\b\\"c\\n"} 12 1795000000000
# TYPE seconds histogram
seconds_bucket{le="0.1"} 3
seconds_bucket{le="+Inf"} 5 # {trace_id="01"} 0.07
seconds_sum 1.5e-3
seconds_count 5
# TYPE quantiles summary
quantiles{quantile="0.99"} NaN
# EOF
`;
const messages = [
  `<134>1 2026-01-24T01:37:00.000Z host app 12 ID [a b="c\\"d"] ${line}`,
  `<134>Jan 24 01:37:00 host nginx[12]: ${line}`,
  `<190>2026-01-24T01:37:00+01:00 host haproxy: ${line}`,
];
const framed = Buffer.from(
  messages.map((message) => `${message.length} ${message}`).join("") +
    messages.map((message) => `${message}\n`).join(""),
);

/** Every reader of what is pushed in other ways than OpenTelemetry's. */
export const pushTargets: readonly Target[] = [
  {
    name: "Loki in protobuf",
    feed: (random) => checkLoki(bytesOf(lokiProtobuf, random), "protobuf"),
  },
  {
    name: "Loki in JSON",
    feed: (random) => checkLoki(Buffer.from(mutatedText(lokiJson, lokiJson, random)), "json"),
  },
  { name: "Snappy", feed: (random) => checkSnappy(Buffer.from(bytesOf(snappy, random))) },
  { name: "Prometheus pages", feed: checkPage },
  {
    name: "syslog framings",
    feed: (random) => checkFraming(Buffer.from(bytesOf(framed, random)), random),
  },
  {
    name: "syslog headers",
    feed(random) {
      const { host, app } = syslogSource(mutatedText(oneOf(random, messages, ""), "<1>1 ", random));
      if (host === "" || app === "") throw new Error("an empty name");
    },
  },
];

function bytesOf(valid: Uint8Array, random: Random): Uint8Array {
  return random(5) === 0 ? randomBytes(random, 400) : mutatedBytes(valid, random);
}

function checkLoki(body: Uint8Array, encoding: "protobuf" | "json"): void {
  const streams = unless(MalformedPayload, () => lokiStreams(body, encoding)) ?? [];
  const last = lokiBody(streams).at(-1);
  if (last !== undefined && last !== newline) throw new Error("a body that ends within a line");
}

/** It may not make more than it says that it will. */
function checkSnappy(body: Buffer): void {
  unless(NotSnappy, () => {
    const size = snappySize(body);
    if (size > 1 << 20) return;
    if (unsnapped(body).length !== size) throw new Error("another size than it says");
  });
}

function checkPage(random: Random): void {
  const origin = { proxy: "a", instance: "b", atUs: 1, openMetrics: random(2) === 0 };
  const text = mutatedText(page, page, random);
  const { samples, rejectedByKind } = decodePrometheusPage(text, { ...origin, samplesMax: 500 });
  const rejected = Object.values(rejectedByKind).reduce((sum, count) => sum + count, 0);
  if (rejected > samples) throw new Error(`${rejected} of ${samples} samples are refused`);
}

/** Messages may not depend on where the connection cut its bytes, nor be larger than the limit. */
function checkFraming(bytes: Buffer, random: Random): void {
  const cut = random(bytes.length + 1);
  const whole = messagesIn([bytes]);
  const parts = messagesIn([bytes.subarray(0, cut), bytes.subarray(cut)]);
  if (whole.join("\0") !== parts.join("\0")) throw new Error(`it depends on a cut at ${cut}`);
  if (whole.some((message) => message.length > messageBytesMax)) throw new Error("too long");
}

const newline = 10;
const messageBytesMax = 200;

function messagesIn(chunks: readonly Buffer[]): string[] {
  const framing = new SyslogFraming(messageBytesMax, () => undefined);
  const messagesFound: Buffer[] = [];
  unless(BrokenFraming, () => {
    for (const chunk of chunks)
      for (const message of framing.take(chunk)) messagesFound.push(message);
    messagesFound.push(...framing.end());
  });
  return messagesFound.map((message) => message.toString("latin1"));
}

function unless<Result>(
  known: new (...words: never[]) => Error,
  work: () => Result,
): Result | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof known) return null;
    throw error;
  }
}
