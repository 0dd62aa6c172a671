import { areSame } from "./bytes.ts";

/**
 * Strings seen lately, each with the bytes it was made of, in a table of fixed size:
 * a string takes the place of the one before it with the same hash. Reads four bytes at a time, the last four
 * perhaps twice, so that only strings of at least four bytes can be asked for.
 */
export class TextTable {
  /** Longer strings are not kept. */
  readonly bytesMax: number;
  readonly #shift: number;
  readonly #texts: string[];
  readonly #lengths: Int32Array;
  /** At `slot * bytesMax` the bytes of the string in the slot. */
  readonly #bytes: DataView;

  constructor(slotBits: number, bytesMax: number) {
    const slots = 1 << slotBits;
    this.bytesMax = bytesMax;
    this.#shift = 32 - slotBits;
    this.#texts = Array.from({ length: slots }, () => "");
    this.#lengths = new Int32Array(slots);
    this.#bytes = new DataView(new ArrayBuffer(slots * bytesMax));
  }

  /** Where the string of these bytes is kept, if it is. */
  slotOf(view: DataView, start: number, length: number): number {
    const last = start + length - 4;
    let hash = length;
    for (let at = start; at < last; at += 4) {
      hash = Math.imul(hash, 0x85_eb_ca_6b) ^ view.getInt32(at, true);
    }
    hash = Math.imul(hash, 0x85_eb_ca_6b) ^ view.getInt32(last, true);
    return Math.imul(hash ^ (hash >>> 15), 0x9e_37_79_b1) >>> this.#shift;
  }

  /** The string in the slot if it is that of these bytes, else null. */
  textAt(slot: number, view: DataView, start: number, length: number): string | null {
    if (this.#lengths[slot] !== length) return null;
    if (!areSame(view, start, this.#bytes, slot * this.bytesMax, length)) return null;
    return this.#texts[slot] ?? null;
  }

  /** Keeps the string of these bytes in the slot. */
  keep(slot: number, view: DataView, start: number, length: number, text: string): void {
    const bytes = this.#bytes;
    const keptStart = slot * this.bytesMax;
    const last = length - 4;
    for (let at = 0; at < last; at += 4) {
      bytes.setInt32(keptStart + at, view.getInt32(start + at, true), true);
    }
    bytes.setInt32(keptStart + last, view.getInt32(start + last, true), true);
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
  }
}
