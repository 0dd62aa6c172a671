/** Writes numbers of any width into one growing row of bits, the highest bit of each first. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #position = 0;

  /** The lowest `width` bits of a whole number below 2^30. */
  write(value: number, width: number): void {
    this.#reserve(width);
    let rest = width;
    while (rest > 0) {
      const free = 8 - (this.#position & 7);
      const taken = Math.min(free, rest);
      rest -= taken;
      const bits = (value >>> rest) & ((1 << taken) - 1);
      const at = this.#position >>> 3;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (bits << (free - taken));
      this.#position += taken;
    }
  }

  /** The lowest `width` bits of a safe integer. */
  writeWide(value: number, width: number): void {
    if (width > wordBits) {
      this.writeWide(Math.floor(value / wordMax), width - wordBits);
      this.write(value % wordMax, wordBits);
    } else {
      this.write(value, width);
    }
  }

  /** As many zeros as the value says, and a one. */
  writeUnary(value: number): void {
    this.#reserve(value + 1);
    this.#position += value;
    this.write(1, 1);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, (this.#position + 7) >>> 3);
  }

  #reserve(bits: number): void {
    const needed = ((this.#position + bits) >>> 3) + 1;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a BitWriter wrote. Throws a RangeError at the end of the bytes. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bits were read or passed over. */
  get position(): number {
    return this.#position;
  }

  /** Goes to a place, in bits from the first. */
  moveTo(position: number): void {
    if (position > this.#bytes.length * 8) throw ended();
    this.#position = position;
  }

  /** A number of at most 30 bits. */
  read(width: number): number {
    let value = 0;
    let rest = width;
    while (rest > 0) {
      const left = 8 - (this.#position & 7);
      const taken = Math.min(left, rest);
      const byte = this.#byteHere();
      value = (value << taken) | ((byte >>> (left - taken)) & ((1 << taken) - 1));
      this.#position += taken;
      rest -= taken;
    }
    return value;
  }

  /** A number of at most 53 bits. */
  readWide(width: number): number {
    if (width <= wordBits) return this.read(width);
    const high = this.read(width - wordBits);
    return high * wordMax + this.read(wordBits);
  }

  /** How many zeros stand before the next one. */
  readUnary(): number {
    const from = this.#position;
    for (;;) {
      const passed = this.#position & 7;
      const rest = this.#byteHere() & (0xff >>> passed);
      if (rest !== 0) {
        this.#position += Math.clz32(rest) - 24 - passed + 1;
        return this.#position - from - 1;
      }
      this.#position += 8 - passed;
    }
  }

  #byteHere(): number {
    const byte = this.#bytes[this.#position >>> 3];
    if (byte === undefined) throw ended();
    return byte;
  }
}

const wordBits = 30;
const wordMax = 2 ** wordBits;

function ended(): RangeError {
  return new RangeError("The bits end in the middle of a number.");
}
