import { RecordRows } from "#lib/core/record-rows.ts";
import { TextNumbers } from "#lib/core/text-numbers.ts";
import type { SpanRecord } from "#lib/decode/otlp-traces.ts";
import { addSpan } from "#lib/normalize/record-rows.ts";
import type { PlacedRows } from "#lib/normalize/span-ring.ts";

/** Names with the numbers that `placedRows` gave them, counted from 1. */
export const placedNames = new TextNumbers();

/** The spans of one request as they come to be joined. */
export function placedRows(spans: readonly SpanRecord[], base = 0): PlacedRows {
  const rows = new RecordRows(0);
  for (const one of spans) addSpan(rows, one);
  const { proxy, upstream, endpoint } = rows.names;
  const ids = {
    proxy: numbersIn(proxy),
    upstream: numbersIn(upstream),
    endpoint: numbersIn(endpoint),
  };
  return { base, rows, ids };
}

function numbersIn({ texts }: TextNumbers): Int32Array {
  return Int32Array.from([0, ...texts.map((text) => placedNames.numberOf(text))]);
}
