import { freeBytes } from "./free-bytes.ts";

/**
 * Room for what is put together for a moment: pieces of one size that are used again, as pages fresh from the system cost
 * many times what it costs to fill them.
 */
export class Scratch {
  readonly #bytes: number;
  readonly #keptMax: number;
  readonly #kept: Buffer[] = [];

  /** Keeps at most `keptMax` pieces of so many bytes. */
  constructor(bytes: number, keptMax: number) {
    this.#bytes = bytes;
    this.#keptMax = keptMax;
  }

  /** Room for so many bytes, which hold anything. */
  take(bytes: number): Buffer {
    // A piece of its own where ours is too small, and where the rest of ours would go to waste.
    if (bytes > this.#bytes || bytes * 2 < this.#bytes) return Buffer.allocUnsafeSlow(bytes);
    const room = this.#kept.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
    return room.subarray(0, bytes);
  }

  /** Takes room back, which nobody reads any more. */
  give(room: Buffer): void {
    const { buffer } = room;
    if (buffer.byteLength === this.#bytes && this.#kept.length < this.#keptMax) {
      this.#kept.push(Buffer.from(buffer));
    } else freeBytes(room);
  }
}
