/* How many spans one core decodes in a second: `node bench/decode-otlp.ts`. */

import { spansOfTrace } from "#lib/decode/otlp-detail.ts";
import { tracesFromJson } from "#lib/decode/otlp-json.ts";
import { decodeTraces } from "#lib/decode/otlp-traces.ts";
import { attemptOfSpan, exchangeOfSpan } from "#lib/normalize/span.ts";

import { otlpRequests } from "./load/otlp.ts";
import { Random } from "./load/random.ts";
import { referenceTraces, referenceTracesJson } from "./reference-traces.ts";

const spans = 512;
const runs = 9;
const payloads = Array.from({ length: 16 }, (_, index) => referenceTraces(spans, index + 1));
const texts = Array.from({ length: 16 }, (_, index) => referenceTracesJson(spans, index + 1));
const requests = otlpRequests("pair", spans, new Random(1))();
/** Far more paths than any table remembers, as ingest sees them. */
const unlike = Array.from({ length: 64 }, () => Buffer.from(requests.next(1_795_000_000_000)));

measure("decodeTraces", payloads, 20, (payload) => decodeTraces(payload).spans.length);
measure("decodeTraces, paths unlike", unlike, 5, (payload) => decodeTraces(payload).spans.length);
measure("the same, to exchanges and attempts", unlike, 5, (payload) => {
  let count = 0;
  for (const span of decodeTraces(payload).spans) {
    if (span.http === null) continue;
    const told = span.kind === 2 ? exchangeOfSpan(span, span.http) : attemptOfSpan(span, span.http);
    if (told.startUs > 0) count += 1;
  }
  return count;
});
measure("tracesFromJson + decodeTraces", texts, 2, (text) => {
  return decodeTraces(tracesFromJson(text)).spans.length;
});
measure("spansOfTrace, whole spans by protobufjs", payloads, 2, (payload) => {
  return spansOfTrace(payload, null).length;
});

function measure<T>(
  name: string,
  inputs: readonly T[],
  rounds: number,
  decode: (input: T) => number,
): void {
  const rates = Array.from({ length: runs }, () => {
    const before = process.cpuUsage();
    let count = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const input of inputs) count += decode(input);
    }
    const used = process.cpuUsage(before);
    return count / ((used.user + used.system) / 1e6);
  }).toSorted((a, b) => a - b);
  const median = rates[runs >> 1] ?? 0;
  const best = rates.at(-1) ?? 0;
  process.stdout.write(
    `${name}: median ${Math.round(median / 1000)} k spans/s per core, best ${Math.round(best / 1000)} k\n`,
  );
}
