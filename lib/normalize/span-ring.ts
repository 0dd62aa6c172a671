import { type RecordRows, rowRoles } from "#lib/core/record-rows.ts";

/** Numbers by which names are known everywhere, at the place of the number that they have in their rows. */
export interface RowIds {
  readonly proxy: Int32Array;
  readonly upstream: Int32Array;
  readonly endpoint: Int32Array;
}

/** A span by its trace and itself. */
export interface SpanKey {
  readonly traceHigh: number;
  readonly traceLow: number;
  readonly spanHigh: number;
  readonly spanLow: number;
}

/** Rows of one payload; `base` is added to their positions, as several payloads make one block. */
export interface PlacedRows {
  /** Traces of two projects are two, though they have one id. */
  readonly project: number;
  readonly base: number;
  readonly rows: RecordRows;
  readonly ids: RowIds;
}

/** Of each held span what joins it to others; one that was disowned has the role of no use to others. */
export type HeldSpans = ReturnType<typeof heldColumns>;

function heldColumns(spans: number) {
  return {
    traceHigh: new Uint32Array(spans),
    traceLow: new Uint32Array(spans),
    spanHigh: new Uint32Array(spans),
    spanLow: new Uint32Array(spans),
    parentHigh: new Uint32Array(spans),
    parentLow: new Uint32Array(spans),
    startUs: new Float64Array(spans),
    durationUs: new Float64Array(spans),
    project: new Int16Array(spans),
    proxyId: new Int32Array(spans),
    upstreamId: new Int32Array(spans),
    endpointId: new Int32Array(spans),
    call: new Int32Array(spans),
    /** Ordinal of the span in its block. */
    position: new Int32Array(spans),
    status: new Int32Array(spans),
    role: new Uint8Array(spans),
    errorType: new Uint8Array(spans),
    tlsReason: new Uint8Array(spans),
    canceled: new Uint8Array(spans),
    /** 1 while the exchange of an attempt has not been seen. */
    waits: new Uint8Array(spans),
  };
}

/**
 * The newest spans, in a ring of columns in which each span leads to the one of its trace before it.
 * A span has a number, which counts up forever, and a place in the columns, which a later span takes over.
 * A trace is forgotten as a whole: a span whose trace began too long ago begins it anew.
 */
export class SpanRing {
  readonly columns: HeldSpans;
  /** Most spans of a round, within which no span of a trace that it adds to is overwritten. */
  readonly roundMax: number;
  readonly #keepMs: number;
  readonly #room: number;
  readonly #mask: number;
  #start = 0;
  #end = 0;
  #roundStart = 0;
  readonly #seenMs: Float64Array;
  /** How many spans ago the trace's first span came. */
  readonly #toFirst: Uint32Array;
  /** How many spans ago the span of the same trace before it came; 0 for none. */
  readonly #toBefore: Uint32Array;
  readonly #isSuperseded: Uint8Array;
  /** The newest span of one trace of each bucket; -1 for none. */
  readonly #heads: Float64Array;
  /** How many spans ago the newest of another trace of the bucket came, ever older; 0 for none. */
  readonly #toNext: Uint32Array;

  /** `room` is a power of two. */
  constructor(keepMs: number, room: number) {
    if (room < 4 || (room & (room - 1)) !== 0) throw new RangeError(`${room} is no power of two.`);
    this.#keepMs = keepMs;
    this.#room = room;
    this.#mask = room - 1;
    this.roundMax = room / 4;
    this.columns = heldColumns(room);
    this.#seenMs = new Float64Array(room);
    this.#toFirst = new Uint32Array(room);
    this.#toBefore = new Uint32Array(room);
    this.#isSuperseded = new Uint8Array(room);
    this.#heads = new Float64Array(room).fill(-1);
    this.#toNext = new Uint32Array(room);
  }

  /** How many spans are held. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** The number of the next span. */
  get end(): number {
    return this.#end;
  }

  placeOf(number: number): number {
    return number & this.#mask;
  }

  /** Begins a round of at most `roundMax` spans and gives the number of the first. */
  begin(): number {
    this.#roundStart = this.#end;
    return this.#end;
  }

  /** Forgets the spans that came too long before now (epoch milliseconds). */
  forget(nowMs: number): void {
    while (
      this.#start < this.#end &&
      (this.#seenMs[this.#start & this.#mask] ?? 0) < nowMs - this.#keepMs
    ) {
      this.#start += 1;
    }
  }

  /** Adds the spans of some rows, at most as many as the round has left. */
  add(payload: PlacedRows, from: number, to: number, nowMs: number): void {
    for (let at = from; at < to;) {
      // Columns are copied whole, up to the end of the ring.
      const place = this.placeOf(this.#end);
      const count = Math.min(to - at, this.#room - place);
      copySpans(this.columns, place, payload, at, count);
      this.#seenMs.fill(nowMs, place, place + count);
      this.#isSuperseded.fill(0, place, place + count);
      this.#end += count;
      at += count;
    }
    this.#start = Math.max(this.#start, this.#end - this.#room);
    for (let number = this.#end - (to - from); number < this.#end; number += 1) {
      this.#follow(number, this.placeOf(number), nowMs);
    }
  }

  /** Whether no span of the same trace came later. */
  isNewest(number: number): boolean {
    return this.#isSuperseded[number & this.#mask] === 0;
  }

  /** The number of the span of the same trace before it; -1 for none. */
  before(number: number): number {
    return earlier(number, this.#toBefore[number & this.#mask]);
  }

  /** The numbers of the spans of a trace up to one of them, oldest first. */
  traceOf(newest: number): number[] {
    const numbers: number[] = [];
    for (let number = newest; number !== -1; number = this.before(number)) numbers.push(number);
    return numbers.toReversed();
  }

  spanKey(place: number): SpanKey {
    const { traceHigh, traceLow, spanHigh, spanLow } = this.columns;
    return {
      traceHigh: traceHigh[place] ?? 0,
      traceLow: traceLow[place] ?? 0,
      spanHigh: spanHigh[place] ?? 0,
      spanLow: spanLow[place] ?? 0,
    };
  }

  /** Makes as if the spans of these numbers had not come. */
  disown(from: number, to: number): void {
    for (let number = Math.max(from, this.#start); number < to; number += 1) {
      this.columns.role[number & this.#mask] = rowRoles.other;
    }
  }

  /** Puts a new span behind the last one of its trace. */
  #follow(number: number, place: number, nowMs: number): void {
    const role = this.columns.role[place];
    if (role === rowRoles.other || role === rowRoles.toldAttempt) {
      this.#isSuperseded[place] = 1;
      return;
    }
    const bucket = this.#bucketOf(place);
    const last = this.#takeOut(bucket, place);
    const head = this.#heads[bucket] ?? -1;
    this.#toNext[place] = head >= this.#start ? number - head : 0;
    this.#heads[bucket] = number;
    const goesOn = last !== -1 && this.#goesOn(last, nowMs);
    this.#toBefore[place] = goesOn ? number - last : 0;
    this.#toFirst[place] = goesOn ? number - this.#firstOf(last) : 0;
    if (goesOn) this.#isSuperseded[last & this.#mask] = 1;
  }

  /** Whether the trace of a span began late enough, and its first span is still there when the round ends. */
  #goesOn(last: number, nowMs: number): boolean {
    const first = this.#firstOf(last);
    if (first < this.#roundStart + this.roundMax - this.#room) return false;
    return (this.#seenMs[first & this.#mask] ?? 0) >= nowMs - this.#keepMs;
  }

  /** The number of the first span of the trace of a span. */
  #firstOf(number: number): number {
    return number - (this.#toFirst[number & this.#mask] ?? 0);
  }

  /** Takes the newest span of the trace that the span at a place is of out of its bucket; -1 when none is held. */
  #takeOut(bucket: number, place: number): number {
    const { project, traceHigh, traceLow } = this.columns;
    const [own, high, low] = [project[place], traceHigh[place], traceLow[place]];
    let newer = -1;
    let number = this.#heads[bucket] ?? -1;
    while (number >= this.#start && number !== -1) {
      const at = number & this.#mask;
      const next = earlier(number, this.#toNext[at]);
      if (traceHigh[at] === high && traceLow[at] === low && project[at] === own) {
        if (newer === -1) this.#heads[bucket] = next;
        else this.#toNext[newer & this.#mask] = next === -1 ? 0 : newer - next;
        return number;
      }
      newer = number;
      number = next;
    }
    return -1;
  }

  #bucketOf(place: number): number {
    const { traceHigh, traceLow } = this.columns;
    const mixed = Math.imul((traceHigh[place] ?? 0) ^ (traceLow[place] ?? 0), 0x9e_37_79_b1);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}

/** The number of the span that came so many before; -1 for none. */
function earlier(number: number, back = 0): number {
  return back === 0 ? -1 : number - back;
}

/** Columns that are the same in rows and here. */
const sameColumns = [
  "traceHigh",
  "traceLow",
  "spanHigh",
  "spanLow",
  "parentHigh",
  "parentLow",
  "startUs",
  "durationUs",
  "call",
  "position",
  "status",
  "role",
  "errorType",
  "tlsReason",
  "canceled",
] as const;

function copySpans(
  to: HeldSpans,
  place: number,
  { project, rows: { columns }, ids, base }: PlacedRows,
  at: number,
  count: number,
): void {
  for (const name of sameColumns) to[name].set(columns[name].subarray(at, at + count), place);
  for (let row = place; row < place + count; row += 1)
    to.position[row] = base + (to.position[row] ?? 0);
  copyIds(to.proxyId, place, columns.proxy.subarray(at, at + count), ids.proxy);
  copyIds(to.upstreamId, place, columns.upstream.subarray(at, at + count), ids.upstream);
  copyIds(to.endpointId, place, columns.endpoint.subarray(at, at + count), ids.endpoint);
  to.project.fill(project, place, place + count);
  to.waits.fill(0, place, place + count);
}

function copyIds(to: Int32Array, place: number, numbers: Int32Array, ids: Int32Array): void {
  for (let at = 0; at < numbers.length; at += 1) to[place + at] = ids[numbers[at] ?? 0] ?? 0;
}
