import { freeBytes } from "../free-bytes.ts";

const bytesMin = 256;
const noBytes = new Uint8Array();

/** Numbers written one behind another into a growing buffer; `PackedReader` reads them in the same order. */
export class PackedWriter {
  #bytes = new Uint8Array(bytesMin);
  #length = 0;

  byte(value: number): void {
    this.#ensure(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A natural number below 2^53, seven bits a byte. */
  natural(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A whole number of up to 52 bits; small ones of either sign are short. */
  whole(value: number): void {
    this.natural(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Room for bytes that the caller fills before it writes anything else. */
  room(bytes: number): Uint8Array {
    this.#ensure(bytes);
    this.#length += bytes;
    return this.#bytes.subarray(this.#length - bytes, this.#length);
  }

  /** Bytes, and in front of them how many they are. */
  part(bytes: Uint8Array): void {
    this.natural(bytes.length);
    this.room(bytes.length).set(bytes);
  }

  /** What was written, in a buffer of just this length; nothing is left to write to then. */
  finish(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.free();
    return bytes;
  }

  /** Gives the memory back; nothing is left to write to then. */
  free(): void {
    freeBytes(this.#bytes);
    this.#bytes = noBytes;
    this.#length = 0;
  }

  /** Bytes that are to be a part of others, until more is written; begins anew. */
  takePart(): Uint8Array {
    const part = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return part;
  }

  #ensure(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    freeBytes(this.#bytes);
    this.#bytes = larger;
  }
}
