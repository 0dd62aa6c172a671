import { Cursor } from "./otlp/cursor.ts";
import {
  attributesOf,
  type DetailValue,
  resourceOf,
  serviceOf,
  scopeNameOf,
  spanOf,
  stringOf,
} from "./otlp/detail-messages.ts";
import { eachField, lastField, lazily } from "./otlp/each-field.ts";

/** One span with all that was sent of it; what the contract calls a TraceSpan, and its trace. */
export interface DetailSpan {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  readonly service: string;
  readonly scope: string;
  /** Epoch nanoseconds as decimal digits. */
  readonly startNs: string;
  readonly endNs: string;
  readonly status: SpanStatus;
  readonly statusMessage: string;
  readonly attributes: Record<string, DetailValue>;
  readonly resource: Record<string, DetailValue>;
  readonly events: {
    readonly timeNs: string;
    readonly name: string;
    readonly attributes: Record<string, DetailValue>;
  }[];
  readonly links: {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: Record<string, DetailValue>;
  }[];
}

const spanKinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
type SpanKind = (typeof spanKinds)[number];
const spanStatuses = ["unset", "ok", "error"] as const;
type SpanStatus = (typeof spanStatuses)[number];

const tags = {
  resourceSpans: 0x0a,
  resource: 0x0a,
  scopeSpans: 0x12,
  scope: 0x0a,
  span: 0x12,
  traceId: 0x0a,
} as const;

/**
 * The spans of a payload that `decodeTraces` has read, in its order: those of one trace (hex), or all for null.
 * Only the spans that are given are decoded; the others are stepped over.
 */
export function spansOfTrace(payload: Uint8Array, traceId: string | null): DetailSpan[] {
  if (traceId === null) return selected(payload, () => true);
  const wanted = traceId.toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(wanted)) return [];
  const words = [0, 8, 16, 24].map((at) => Number.parseInt(wanted.slice(at, at + 8), 16));
  return selected(payload, (cursor) => hasTraceId(cursor, words));
}

/** The spans at these positions, as `SpanRecord.position` counts them. */
export function spansAt(payload: Uint8Array, positions: readonly number[]): DetailSpan[] {
  const wanted = new Set(positions);
  return selected(payload, (_, position) => wanted.has(position));
}

/** Whether the span that the cursor stands in is wanted; may move the cursor. */
type Wanted = (cursor: Cursor, position: number) => boolean;

function selected(payload: Uint8Array, wanted: Wanted): DetailSpan[] {
  const cursor = new Cursor(payload);
  const found: DetailSpan[] = [];
  let position = 0;
  eachField(cursor, tags.resourceSpans, () => {
    const { at: start, end } = cursor;
    const resource = lazily(() => resourceOf(lastField(payload, start, end, tags.resource)));
    eachField(cursor, tags.scopeSpans, () => {
      const { at: scopeStart, end: scopeEnd } = cursor;
      const scope = lazily(() => scopeNameOf(lastField(payload, scopeStart, scopeEnd, tags.scope)));
      eachField(cursor, tags.span, () => {
        const span = payload.subarray(cursor.at, cursor.end);
        if (wanted(cursor, position)) found.push(detailOf(span, resource(), scope()));
        position += 1;
      });
    });
  });
  return found;
}

function hasTraceId(cursor: Cursor, words: readonly number[]): boolean {
  let same = false;
  eachField(cursor, tags.traceId, () => {
    const { at, end, view } = cursor;
    same = end - at === 16 && words.every((word, index) => view.getUint32(at + 4 * index) === word);
  });
  return same;
}

function detailOf(
  bytes: Uint8Array,
  resource: Record<string, DetailValue>,
  scope: string,
): DetailSpan {
  const span = spanOf(bytes);
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    parentSpanId: span.parentSpanId.some((byte) => byte !== 0) ? hexOf(span.parentSpanId) : null,
    name: stringOf(span.name),
    kind: spanKinds[span.kind] ?? "unspecified",
    service: serviceOf(resource),
    scope,
    startNs: String(span.startTimeUnixNano),
    endNs: String(span.endTimeUnixNano),
    status: spanStatuses[span.status?.code ?? 0] ?? "unset",
    statusMessage: stringOf(span.status?.message),
    attributes: attributesOf(span.attributes),
    resource,
    events: span.events.map((event) => ({
      timeNs: String(event.timeUnixNano),
      name: stringOf(event.name),
      attributes: attributesOf(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: hexOf(link.traceId),
      spanId: hexOf(link.spanId),
      attributes: attributesOf(link.attributes),
    })),
  };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
