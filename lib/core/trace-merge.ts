import { blocksPerTraceMax, type TraceList } from "./trace-list.ts";

/** The most entries that a page may be asked to have. */
const pageEntriesMax = 4_096;

/**
 * Merges sorted lists, each given in parts, into pages in the same order: holds one part of each list and one page.
 * A page has as many entries as `pageEntries` says at its end, and the other blocks of its last trace. All blocks of a
 * trace stand on one page, the newest 200 of them; what is in two lists is there once.
 */
export async function* mergeTraces(
  lists: readonly AsyncIterable<TraceList>[],
  pageEntries: () => number,
): AsyncGenerator<TraceList> {
  const cursors: Cursor[] = [];
  for (const list of lists) {
    const cursor = new Cursor(list[Symbol.asyncIterator]());
    if (await cursor.refill()) cursors.push(cursor);
  }
  for (let place = cursors.length >> 1; place >= 0; place -= 1) sink(cursors, place);
  const page = new PageInMaking();
  const nextMax = (): number => Math.min(pageEntries(), pageEntriesMax);
  let entriesMax = nextMax();
  for (let top = cursors[0]; top !== undefined; top = cursors[0]) {
    if (page.length >= entriesMax && page.endsBefore(top.fingerprint)) {
      yield page.take();
      entriesMax = nextMax();
    }
    page.add(top.fingerprint, top.block, top.exchange);
    if (!top.advance() && !(await top.refill())) dropFirst(cursors);
    sink(cursors, 0);
  }
  if (page.length > 0) yield page.take();
}

/** A list, and how far it was read. */
class Cursor {
  fingerprint = 0;
  block = 0;
  exchange = 0;
  readonly #parts: AsyncIterator<TraceList>;
  #part: TraceList | null = null;
  #place = 0;

  constructor(parts: AsyncIterator<TraceList>) {
    this.#parts = parts;
  }

  /** Goes to the next entry of the part; false at its end. */
  advance(): boolean {
    this.#place += 1;
    return this.#show();
  }

  /** Goes to the first entry of the next part that has one; false when there is none. */
  async refill(): Promise<boolean> {
    for (;;) {
      const next = await this.#parts.next();
      if (next.done === true) return false;
      this.#part = next.value;
      this.#place = 0;
      if (this.#show()) return true;
    }
  }

  #show(): boolean {
    const fingerprint = this.#part?.fingerprints[this.#place];
    if (fingerprint === undefined) return false;
    this.fingerprint = fingerprint;
    this.block = this.#part?.blocks[this.#place] ?? 0;
    this.exchange = this.#part?.exchanges[this.#place] ?? 0;
    return true;
  }
}

class PageInMaking {
  readonly #fingerprints = new Float64Array(pageEntriesMax + blocksPerTraceMax);
  readonly #blocks = new Float64Array(pageEntriesMax + blocksPerTraceMax);
  readonly #exchanges = new Uint8Array(pageEntriesMax + blocksPerTraceMax);
  #length = 0;
  /** Where the entries of the last trace begin. */
  #traceAt = 0;

  get length(): number {
    return this.#length;
  }

  /** Whether this trace is another one than the last. */
  endsBefore(fingerprint: number): boolean {
    return this.#fingerprints[this.#traceAt] !== fingerprint;
  }

  add(fingerprint: number, block: number, exchange: number): void {
    const last = this.#length - 1;
    if (last < 0 || this.#fingerprints[last] !== fingerprint) {
      this.#traceAt = this.#length;
    } else if (this.#blocks[last] === block) {
      this.#exchanges[last] = (this.#exchanges[last] ?? 0) | exchange;
      return;
    } else if (this.#length - this.#traceAt === blocksPerTraceMax) {
      this.#forgetOldest();
    }
    this.#fingerprints[this.#length] = fingerprint;
    this.#blocks[this.#length] = block;
    this.#exchanges[this.#length] = exchange;
    this.#length += 1;
  }

  take(): TraceList {
    const length = this.#length;
    this.#length = 0;
    this.#traceAt = 0;
    return {
      fingerprints: this.#fingerprints.slice(0, length),
      blocks: this.#blocks.slice(0, length),
      exchanges: this.#exchanges.slice(0, length),
    };
  }

  #forgetOldest(): void {
    this.#blocks.copyWithin(this.#traceAt, this.#traceAt + 1, this.#length);
    this.#exchanges.copyWithin(this.#traceAt, this.#traceAt + 1, this.#length);
    this.#length -= 1;
  }
}

/** The heap without its first: its last takes that place, and is to sink. */
function dropFirst(cursors: Cursor[]): void {
  const last = cursors.pop();
  if (last !== undefined && cursors.length > 0) cursors[0] = last;
}

/** Moves a cursor down the heap until those below it come after it. */
function sink(cursors: Cursor[], from: number): void {
  const sinking = cursors[from];
  if (sinking === undefined) return;
  let place = from;
  for (;;) {
    let below = 2 * place + 1;
    let child = cursors[below];
    if (child === undefined) break;
    const other = cursors[below + 1];
    if (other !== undefined && comesBefore(other, child)) {
      below += 1;
      child = other;
    }
    if (!comesBefore(child, sinking)) break;
    cursors[place] = child;
    place = below;
  }
  cursors[place] = sinking;
}

function comesBefore(one: Cursor, other: Cursor): boolean {
  if (one.fingerprint !== other.fingerprint) return one.fingerprint < other.fingerprint;
  return one.block < other.block;
}
