import { Cursor } from "./otlp/cursor.ts";
import { eachField } from "./otlp/each-field.ts";

/** A piece of a payload of spans that is such a payload itself. */
export interface TracesPart {
  /** How many spans of the payload stand before it. */
  readonly firstPosition: number;
  readonly payload: Uint8Array;
}

const tags = { resourceSpans: 0x0a, scopeSpans: 0x12, span: 0x12 } as const;

/**
 * The parts of a payload that `decodeTraces` has read in which any of the byte strings stand, such as the ids of traces:
 * all others need not be decoded. What is found may stand elsewhere than in an id.
 */
export function partsHolding(payload: Uint8Array, needles: readonly Uint8Array[]): TracesPart[] {
  const hits = placesOf(payload, needles);
  const cursor = new Cursor(payload);
  const parts: TracesPart[] = [];
  let [position, start, next] = [0, 0, 0];
  eachField(cursor, tags.resourceSpans, () => {
    const { end } = cursor;
    while ((hits[next] ?? Infinity) < start) next += 1;
    const firstPosition = position;
    if ((hits[next] ?? Infinity) < end) {
      parts.push({ firstPosition, payload: payload.subarray(start, end) });
    }
    // Behind the last hit nothing is counted any more.
    if (hits.length > 0 && (hits.at(-1) ?? 0) >= end) position += spansIn(cursor);
    start = end;
  });
  return parts;
}

/** Where they stand, ascending. */
function placesOf(payload: Uint8Array, needles: readonly Uint8Array[]): number[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const places: number[] = [];
  for (const needle of needles) {
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
      places.push(at);
    }
  }
  return places.toSorted((a, b) => a - b);
}

function spansIn(cursor: Cursor): number {
  let spans = 0;
  eachField(cursor, tags.scopeSpans, () => {
    eachField(cursor, tags.span, () => {
      spans += 1;
    });
  });
  return spans;
}
