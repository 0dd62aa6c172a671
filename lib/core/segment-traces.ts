import { freeBytes } from "./free-bytes.ts";

/** The traces of a segment, by the last 8 bytes of their ids; place 0 stands for none. */
export interface TraceList {
  readonly length: number;
  readonly high: Int32Array;
  readonly low: Int32Array;
  /** When the first record of each that was added began; of place 0, the first of all. */
  readonly startUs: Float64Array;
}

const roomMin = 64;

/** Numbers the traces of a segment in the order in which their records are added. */
export class SegmentTraces implements TraceList {
  length = 0;
  high: Int32Array = new Int32Array(roomMin);
  low: Int32Array = new Int32Array(roomMin);
  startUs: Float64Array = new Float64Array(roomMin);
  /** Open addressing: places by hash, 0 where nothing is; twice as long as the lists. */
  #slots = new Int32Array(roomMin * 2);

  /** The place of the trace of a record that begins at the given time; 0 for a hash of zeros, which is none. */
  placeOf(high: number, low: number, startUs: number): number {
    if (this.length === 0) this.#add(0, 0, startUs);
    if (high === 0 && low === 0) return 0;
    const last = this.length - 1;
    if (this.low[last] === (low | 0) && this.high[last] === (high | 0)) return last;
    const slot = this.#slotOf(high | 0, low | 0);
    const found = this.#slots[slot] ?? 0;
    if (found !== 0) return found;
    this.#slots[slot] = this.length;
    return this.#add(high, low, startUs);
  }

  /** Gives the memory back; nothing can be read or added then. */
  free(): void {
    for (const values of [this.high, this.low, this.startUs, this.#slots]) freeBytes(values);
  }

  #add(high: number, low: number, startUs: number): number {
    const place = this.length;
    this.high[place] = high;
    this.low[place] = low;
    this.startUs[place] = startUs;
    this.length += 1;
    if (this.length === this.high.length) this.#grow();
    return place;
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 7) & mask;
    for (;;) {
      const place = this.#slots[slot] ?? 0;
      if (place === 0 || (this.low[place] === low && this.high[place] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const room = this.length * 2;
    const { high, low, startUs } = this;
    this.high = new Int32Array(room);
    this.high.set(high);
    this.low = new Int32Array(room);
    this.low.set(low);
    this.startUs = new Float64Array(room);
    this.startUs.set(startUs);
    for (const old of [high, low, startUs]) freeBytes(old);
    freeBytes(this.#slots);
    this.#slots = new Int32Array(room * 2);
    for (let place = 1; place < this.length; place += 1) {
      this.#slots[this.#slotOf(this.high[place] ?? 0, this.low[place] ?? 0)] = place;
    }
  }
}
