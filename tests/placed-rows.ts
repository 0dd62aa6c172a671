import { RecordRows } from "#lib/core/record-rows.ts";
import { TextNumbers } from "#lib/core/text-numbers.ts";
import type { SpanRecord } from "#lib/decode/otlp-traces.ts";
import { CallHabits } from "#lib/normalize/call-habits.ts";
import type { PlacedRows } from "#lib/normalize/span-ring.ts";
import { SpanRows } from "#lib/normalize/span-rows.ts";

/** Names with the numbers that `placedRows` gave them, counted from 1. */
export const placedNames = new TextNumbers();

/** The spans of one request as they come to be joined. */
export function placedRows(
  spans: readonly SpanRecord[],
  base = 0,
  habits = new CallHabits(),
): PlacedRows {
  const rows = new RecordRows(0);
  const spanRows = new SpanRows(rows, habits);
  for (const one of spans) spanRows.add(one);
  spanRows.finish();
  const { proxy, upstream, endpoint } = rows.names;
  const ids = {
    proxy: numbersIn(proxy),
    upstream: numbersIn(upstream),
    endpoint: numbersIn(endpoint),
  };
  return { project: 1, base, rows, ids };
}

function numbersIn({ texts }: TextNumbers): Int32Array {
  return Int32Array.from([0, ...texts.map((text) => placedNames.numberOf(text))]);
}
