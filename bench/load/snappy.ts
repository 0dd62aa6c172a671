const hashBits = 14;
const skipShift = 5;
const blockBytesMax = 65_536;
const copyBytesMax = 64;

/** A block in Snappy's format, by its own greedy matching of four bytes: as well compressed as senders do it. */
export class Snappy {
  readonly #places = new Int32Array(1 << hashBits);
  #out = Buffer.alloc(0);
  #at = 0;

  /** Compresses; the next call overwrites what this gives. */
  compress(input: Buffer): Buffer {
    const bytesMax = 32 + input.length + Math.ceil(input.length / 6);
    if (this.#out.length < bytesMax) this.#out = Buffer.allocUnsafeSlow(bytesMax);
    this.#at = 0;
    this.#length(input.length);
    for (let from = 0; from < input.length; from += blockBytesMax) {
      this.#block(input, from, Math.min(from + blockBytesMax, input.length));
    }
    return this.#out.subarray(0, this.#at);
  }

  /** One block, whose matches do not reach beyond it: offsets fit into two bytes. */
  #block(input: Buffer, from: number, end: number): void {
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    this.#places.fill(-1);
    let literalFrom = from;
    let at = from;
    let misses = 1 << skipShift;
    while (at + 4 <= end) {
      const word = view.getInt32(at, true);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - hashBits);
      const found = this.#places[slot] ?? -1;
      this.#places[slot] = at;
      if (found < 0 || view.getInt32(found, true) !== word) {
        at += misses >>> skipShift;
        misses += 1;
        continue;
      }
      this.#literal(input, literalFrom, at);
      const length = matchLength(input, found, at, end);
      this.#copy(at - found, length);
      at += length;
      literalFrom = at;
      misses = 1 << skipShift;
    }
    this.#literal(input, literalFrom, end);
  }

  #literal(input: Buffer, from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    if (length <= 60) {
      this.#byte((length - 1) << 2);
    } else {
      const wide = length > 256;
      this.#byte((wide ? 61 : 60) << 2);
      this.#byte((length - 1) & 0xff);
      if (wide) this.#byte((length - 1) >>> 8);
    }
    input.copy(this.#out, this.#at, from, to);
    this.#at += length;
  }

  #copy(offset: number, length: number): void {
    for (let rest = length; rest > 0; rest -= copyBytesMax) {
      this.#byte(((Math.min(rest, copyBytesMax) - 1) << 2) | 2);
      this.#byte(offset & 0xff);
      this.#byte(offset >>> 8);
    }
  }

  #length(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#out[this.#at] = value;
    this.#at += 1;
  }
}

function matchLength(input: Buffer, found: number, at: number, end: number): number {
  let length = 4;
  while (at + length < end && input[found + length] === input[at + length]) length += 1;
  return length;
}
