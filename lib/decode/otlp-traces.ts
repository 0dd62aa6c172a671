import { AttributeSlots } from "./otlp/attribute-slots.ts";
import { Cursor } from "./otlp/cursor.ts";
import { type HttpFacts, httpFactsOf } from "./otlp/http-facts.ts";
import { keyGroup } from "./otlp/known-keys.ts";
import { RejectionTally } from "./otlp/rejections.ts";
import { walkAttributed } from "./otlp/walk.ts";
import { textOf } from "./strings.ts";

export type { HttpFacts } from "./otlp/http-facts.ts";

/** What the rows and rollups need of one span. */
export interface SpanRecord {
  /** Ordinal of the span in its payload, counting every span, also rejected ones. */
  readonly position: number;
  /** `service.name`, or `unknown_service`. */
  readonly service: string;
  /** `service.instance.id`, else `host.name`. */
  readonly instance: string | null;
  /** The last 8 bytes of the trace id, and the span ids, as two unsigned 32-bit halves; a parent 0,0 is none. */
  readonly traceHigh: number;
  readonly traceLow: number;
  readonly spanHigh: number;
  readonly spanLow: number;
  readonly parentHigh: number;
  readonly parentLow: number;
  /** As OTLP numbers it: 2 is SERVER, 3 is CLIENT. */
  readonly kind: number;
  /** Epoch microseconds. */
  readonly startUs: number;
  /** Never negative. */
  readonly durationUs: number;
  /** Whether the span's status is an error. */
  readonly failed: boolean;
  /** Only of SERVER and CLIENT spans that speak HTTP. */
  readonly http: HttpFacts | null;
}

/** What was not spans in a payload of them. */
export interface ReadTraces {
  /** Spans in the payload, rejected ones included. */
  readonly total: number;
  readonly rejected: number;
  /** One sentence for each reason. */
  readonly rejections: string[];
  /** Reason → how many spans. */
  readonly rejectedByKind: Record<string, number>;
}

export interface DecodedTraces extends ReadTraces {
  readonly spans: SpanRecord[];
}

/** The spans of an ExportTraceServiceRequest in protobuf; throws MalformedPayload when it is none. */
export function decodeTraces(payload: Uint8Array): DecodedTraces {
  const spans: SpanRecord[] = [];
  return { ...readTraces(payload, (span) => spans.push(span)), spans };
}

/**
 * Reads an ExportTraceServiceRequest in protobuf and hands over its spans one by one, so that nobody needs to hold them;
 * throws MalformedPayload when it is none, perhaps after some of them.
 */
export function readTraces(payload: Uint8Array, take: (span: SpanRecord) => void): ReadTraces {
  const cursor = new Cursor(payload);
  spanSlots.open(cursor);
  sideSlots.open(cursor);
  try {
    return new TracesReader(cursor, take).read();
  } finally {
    spanSlots.close();
    sideSlots.close();
  }
}

/** Tags of the fields that are read, by message. */
const requestTags = { resourceSpans: 0x0a } as const;
const resourceSpansTags = { resource: 0x0a, scopeSpans: 0x12 } as const;
const scopeSpansTags = { scope: 0x0a, span: 0x12 } as const;
const attributesOf = { resource: 0x0a, scope: 0x1a, event: 0x1a, link: 0x22 } as const;
const spanTags = {
  traceId: 0x0a,
  spanId: 0x12,
  parentSpanId: 0x22,
  kind: 0x30,
  start: 0x39,
  end: 0x41,
  attribute: 0x4a,
  event: 0x5a,
  link: 0x6a,
  status: 0x7a,
  /** A log record has its time where a span has its trace id. */
  logTime: 0x09,
} as const;
const statusTags = { message: 0x12, code: 0x18 } as const;
const eventTags = { attribute: 0x1a } as const;

const serverKind = 2;
const clientKind = 3;
const statusError = 2;

const serviceName = keyGroup("service.name");
const instance = keyGroup("service.instance.id", "host.name");
const exceptionMessage = keyGroup("exception.message");

/** Used by one call after the other, as making them costs a small request more than reading it. */
const spanSlots = new AttributeSlots();
const sideSlots = new AttributeSlots();

/** One payload being read; the fields of the span at hand live here, so that none is made an object twice. */
class TracesReader {
  private readonly cursor: Cursor;
  private readonly slots = spanSlots;
  private readonly side = sideSlots;
  private readonly take: (span: SpanRecord) => void;
  private readonly rejected = new RejectionTally();
  private total = 0;

  private service = "unknown_service";
  private instance: string | null = null;

  private traceIdAt = -1;
  private spanIdAt = -1;
  private parentIdAt = -1;
  private kind = 0;
  private startAt = -1;
  private endAt = -1;
  private status = 0;
  private messageStart = 0;
  private messageEnd = 0;
  private eventAt = -1;
  private looksLikeLog = false;

  constructor(cursor: Cursor, take: (span: SpanRecord) => void) {
    this.cursor = cursor;
    this.take = take;
  }

  read(): ReadTraces {
    const { cursor } = this;
    while (cursor.next()) {
      if (cursor.tag === requestTags.resourceSpans) this.readResourceSpans();
      else cursor.skip();
    }
    return {
      total: this.total,
      rejected: this.rejected.count,
      rejections: this.rejected.sentences(),
      rejectedByKind: this.rejected.byKind(),
    };
  }

  /** Goes over the message twice, as its resource may stand behind the spans it belongs to. */
  private readResourceSpans(): void {
    const { cursor } = this;
    const outer = cursor.enter();
    const start = cursor.at;
    this.side.clear();
    while (cursor.next()) {
      if (cursor.tag === resourceSpansTags.resource) this.takeAttributes(attributesOf.resource);
      else cursor.skip();
    }
    this.service = this.side.text(serviceName) ?? "unknown_service";
    this.instance = this.side.text(instance);
    cursor.at = start;
    while (cursor.next()) {
      if (cursor.tag === resourceSpansTags.scopeSpans) this.readScopeSpans();
      else cursor.skip();
    }
    cursor.leave(outer);
  }

  private readScopeSpans(): void {
    const { cursor } = this;
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.tag === scopeSpansTags.span) this.readSpan();
      else if (cursor.tag === scopeSpansTags.scope) walkAttributed(cursor, attributesOf.scope);
      else cursor.skip();
    }
    cursor.leave(outer);
  }

  private readSpan(): void {
    const { cursor } = this;
    this.clearSpan();
    const outer = cursor.enter();
    while (cursor.next()) this.readSpanField();
    cursor.leave(outer);
    this.keepSpan(this.total);
    this.total += 1;
  }

  private clearSpan(): void {
    this.slots.clear();
    this.traceIdAt = -1;
    this.spanIdAt = -1;
    this.parentIdAt = -1;
    this.kind = 0;
    this.startAt = -1;
    this.endAt = -1;
    this.status = 0;
    this.messageStart = 0;
    this.messageEnd = 0;
    this.eventAt = -1;
    this.looksLikeLog = false;
  }

  private readSpanField(): void {
    const { cursor } = this;
    switch (cursor.tag) {
      case spanTags.attribute:
        if (this.looksLikeLog) cursor.skip();
        else this.slots.take(cursor);
        break;
      case spanTags.traceId:
        this.traceIdAt = this.idAt(16);
        break;
      case spanTags.spanId:
        this.spanIdAt = this.idAt(8);
        break;
      case spanTags.parentSpanId:
        this.parentIdAt = this.idAt(8);
        break;
      case spanTags.kind:
        this.kind = cursor.varint();
        break;
      case spanTags.start:
        this.startAt = cursor.fixed64();
        break;
      case spanTags.end:
        this.endAt = cursor.fixed64();
        break;
      default:
        this.readRareField();
    }
  }

  private readRareField(): void {
    const { cursor } = this;
    switch (cursor.tag) {
      case spanTags.status:
        this.readStatus();
        break;
      case spanTags.event:
        if (this.eventAt === -1) this.eventAt = cursor.at;
        walkAttributed(cursor, attributesOf.event);
        break;
      case spanTags.link:
        walkAttributed(cursor, attributesOf.link);
        break;
      case spanTags.logTime:
        this.looksLikeLog = true;
        cursor.skip();
        break;
      default:
        cursor.skip();
    }
  }

  private readStatus(): void {
    const { cursor } = this;
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.tag === statusTags.code) {
        this.status = cursor.varint();
      } else if (cursor.tag === statusTags.message) {
        const around = cursor.enter();
        this.messageStart = cursor.at;
        this.messageEnd = cursor.end;
        cursor.leave(around);
      } else {
        cursor.skip();
      }
    }
    cursor.leave(outer);
  }

  /** Where an id of so many bytes stands; -1 when it has another length or is all zero. */
  private idAt(length: number): number {
    const { cursor } = this;
    const outer = cursor.enter();
    const { at, end } = cursor;
    cursor.leave(outer);
    if (end - at !== length) return -1;
    for (let index = at; index < end; index += 4) {
      if (cursor.view.getInt32(index) !== 0) return at;
    }
    return -1;
  }

  private keepSpan(position: number): void {
    if (this.looksLikeLog) this.rejected.add("log_record");
    else if (this.traceIdAt === -1) this.rejected.add("trace_id");
    else if (this.spanIdAt === -1) this.rejected.add("span_id");
    else this.take(this.record(position));
  }

  private record(position: number): SpanRecord {
    const { traceIdAt, spanIdAt, parentIdAt, startAt, endAt } = this;
    const { view } = this.cursor;
    const startHigh = startAt === -1 ? 0 : view.getUint32(startAt + 4, true);
    const startLow = startAt === -1 ? 0 : view.getUint32(startAt, true);
    const endHigh = endAt === -1 ? 0 : view.getUint32(endAt + 4, true);
    const endLow = endAt === -1 ? 0 : view.getUint32(endAt, true);
    const durationNs = (endHigh - startHigh) * 0x1_00_00_00_00 + (endLow - startLow);
    const failed = this.status === statusError;
    return {
      position,
      service: this.service,
      instance: this.instance,
      traceHigh: view.getUint32(traceIdAt + 8),
      traceLow: view.getUint32(traceIdAt + 12),
      spanHigh: view.getUint32(spanIdAt),
      spanLow: view.getUint32(spanIdAt + 4),
      parentHigh: parentIdAt === -1 ? 0 : view.getUint32(parentIdAt),
      parentLow: parentIdAt === -1 ? 0 : view.getUint32(parentIdAt + 4),
      kind: this.kind,
      startUs: microseconds(startHigh, startLow),
      durationUs: durationNs > 0 ? Math.round(durationNs / 1000) : 0,
      failed,
      http: this.facts(failed),
    };
  }

  private facts(failed: boolean): HttpFacts | null {
    if (this.kind !== serverKind && this.kind !== clientKind) return null;
    return httpFactsOf(this.slots, this.cursor, this.kind, failed ? this.errorText() : null);
  }

  /** What a failed span says about its failure: the status message, else the first exception it noted. */
  private errorText(): string | null {
    if (this.messageEnd > this.messageStart) {
      return textOf(this.cursor, this.messageStart, this.messageEnd);
    }
    if (this.eventAt === -1) return null;
    const { cursor } = this;
    const { at, end } = cursor;
    cursor.at = this.eventAt;
    this.side.clear();
    this.takeAttributes(eventTags.attribute);
    cursor.at = at;
    cursor.end = end;
    return this.side.text(exceptionMessage);
  }

  /** Takes the attributes of the message in the current field; they are its fields with this tag. */
  private takeAttributes(tag: number): void {
    const { cursor } = this;
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.tag === tag) this.side.take(cursor);
      else cursor.skip();
    }
    cursor.leave(outer);
  }
}

/**
 * Microseconds of nanoseconds given as two halves, without a BigInt:
 * 2^32 ns are 4294967 µs and 296 ns, and every product here stays below 2^53 for times before the year 2255.
 */
function microseconds(high: number, low: number): number {
  return high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
}
