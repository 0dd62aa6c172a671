import { MalformedSegment } from "../malformed-segment.ts";

/** Reads what a `PackedWriter` wrote; throws MalformedSegment where the bytes end too soon or too late. */
export class PackedReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new MalformedSegment("A segment ends too soon.");
    this.#at += 1;
    return byte;
  }

  natural(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 56; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new MalformedSegment("A number in a segment does not end.");
  }

  whole(): number {
    const value = this.natural();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  take(bytes: number): Uint8Array {
    const end = this.#at + bytes;
    if (end > this.#bytes.length) throw new MalformedSegment("A segment ends too soon.");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  part(): Uint8Array {
    return this.take(this.natural());
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new MalformedSegment("A segment ends too late.");
  }
}
