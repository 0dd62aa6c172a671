import { freeBytes } from "./free-bytes.ts";
import { traceFingerprint } from "./trace-fingerprint.ts";
import { MalformedTraceIndex, type TraceList } from "./trace-list.ts";

/** 39 bits of fingerprint, and one that tells of an exchange. */
const entryBytes = 5;
const twoTo32 = 4_294_967_296;

/** The traces of one block while it is being made: many calls of `add`, one of `pack`. */
export class TraceEntries {
  #keys = new Float64Array(256);
  #length = 0;

  /** Notes a trace by the halves of its hash. Each trace may be given any number of times. */
  add(high: number, low: number, hasExchange: boolean): void {
    const key = traceFingerprint(high, low) * 2 + (hasExchange ? 1 : 0);
    // Spans of one trace mostly stand together, and a later one tells nothing new.
    const last = this.#length === 0 ? -1 : (this.#keys[this.#length - 1] ?? -1);
    if (last === key || (last === key + 1 && !hasExchange)) return;
    if (this.#length === this.#keys.length) this.#grow();
    this.#keys[this.#length] = key;
    this.#length += 1;
  }

  /** Each trace once, in order, in five bytes; none for no trace. Nothing is left to add to then. */
  pack(): Uint8Array {
    const keys = this.#keys.subarray(0, this.#length).toSorted();
    freeBytes(this.#keys);
    const bytes = new Uint8Array(entryBytes * keys.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (let place = 0; place < keys.length; place += 1) {
      const key = keys[place] ?? 0;
      const next = keys[place + 1];
      // Of the two keys that a trace may have, the one that tells of an exchange is the last.
      if (next === key || (next === key + 1 && key % 2 === 0)) continue;
      const high = Math.floor(key / twoTo32);
      view.setUint8(at, high);
      view.setUint32(at + 1, key - high * twoTo32);
      at += entryBytes;
    }
    freeBytes(keys);
    return bytes.subarray(0, at);
  }

  #grow(): void {
    const larger = new Float64Array(this.#keys.length * 2);
    larger.set(this.#keys);
    freeBytes(this.#keys);
    this.#keys = larger;
  }
}

/** The traces of a block from the bytes that `pack` gave. Throws MalformedTraceIndex for others. */
export function unpackEntries(bytes: Uint8Array, blockId: number): TraceList {
  const length = entriesIn(bytes);
  const view = viewOf(bytes);
  const fingerprints = new Float64Array(length);
  const exchanges = new Uint8Array(length);
  let before = -1;
  for (let place = 0; place < length; place += 1) {
    const key = keyAt(view, place);
    const fingerprint = Math.floor(key / 2);
    if (fingerprint <= before) throw new MalformedTraceIndex("Entries are out of order.");
    fingerprints[place] = fingerprint;
    exchanges[place] = key % 2;
    before = fingerprint;
  }
  return { fingerprints, blocks: new Float64Array(length).fill(blockId), exchanges };
}

/** Whether the trace is among the entries, and with an exchange; null when it is not. */
export function findEntry(
  bytes: Uint8Array,
  fingerprint: number,
): { readonly hasExchange: boolean } | null {
  const view = viewOf(bytes);
  let low = 0;
  let high = entriesIn(bytes);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyAt(view, middle) < fingerprint * 2) low = middle + 1;
    else high = middle;
  }
  if (low === bytes.byteLength / entryBytes) return null;
  const key = keyAt(view, low);
  return Math.floor(key / 2) === fingerprint ? { hasExchange: key % 2 === 1 } : null;
}

/** The bytes with which the entry of a trace begins; now and then they stand elsewhere, too. */
export function entryPrefix(fingerprint: number): Uint8Array {
  const bytes = new Uint8Array(entryBytes - 1);
  viewOf(bytes).setUint32(0, Math.floor(fingerprint / 128));
  return bytes;
}

function entriesIn(bytes: Uint8Array): number {
  if (bytes.byteLength % entryBytes === 0) return bytes.byteLength / entryBytes;
  throw new MalformedTraceIndex("Entries end in the middle of one.");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function keyAt(view: DataView, place: number): number {
  const at = place * entryBytes;
  return view.getUint8(at) * twoTo32 + view.getUint32(at + 1);
}
