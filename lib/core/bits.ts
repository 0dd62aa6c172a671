/** Writes numbers of any width into one growing row of bits, the highest bit of each first. */
export class BitWriter {
  #bytes = new Uint8Array(4_096);
  #view = new DataView(this.#bytes.buffer);
  #position = 0;

  /** The lowest `width` bits, at most 30, of a whole number that has no others. */
  write(value: number, width: number): void {
    this.#reserve(width);
    const at = this.#position >>> 3;
    const end = (this.#position & 7) + width;
    this.#position += width;
    if (end <= 32) {
      this.#view.setUint32(at, this.#view.getUint32(at) | leftOf(value, 32 - end));
    } else {
      this.#view.setUint32(at, this.#view.getUint32(at) | (value >>> (end - 32)));
      this.#view.setUint8(at + 4, value << (40 - end));
    }
  }

  /** The lowest `width` bits of a safe integer that has no others. */
  writeWide(value: number, width: number): void {
    if (width > wordBits) {
      this.writeWide(Math.floor(value / wordMax), width - wordBits);
      this.write(value % wordMax, wordBits);
    } else {
      this.write(value, width);
    }
  }

  /** A number in units of 2^rice as so many zeros and a one, and what is left over in `rice` bits. */
  writeRice(value: number, rice: number): void {
    const scale = 2 ** rice;
    const quotient = Math.floor(value / scale);
    this.#reserve(quotient);
    this.#position += quotient;
    this.write(1, 1);
    this.writeWide(value - quotient * scale, rice);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, (this.#position + 7) >>> 3);
  }

  /** Room for so many bits, and for the whole words that are written at their end. */
  #reserve(bits: number): void {
    const needed = ((this.#position + bits) >>> 3) + 8;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads what a BitWriter wrote. Throws a RangeError at the end of the bytes. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
    if (width === 0) return 0;
    const value = this.#next() >>> (32 - width);
    this.moveTo(this.#position + width);
    return value;
  }

  /** A number of at most 53 bits. */
  readWide(width: number): number {
    if (width <= wordBits) return this.read(width);
    const high = this.readWide(width - wordBits);
    return high * wordMax + this.read(wordBits);
  }

  /** A number that `writeRice` wrote with the same parameter. */
  readRice(rice: number): number {
    const next = this.#next();
    const zeros = Math.clz32(next);
    const width = zeros + 1 + rice;
    if (width > 32 || rice === 0) return this.#readLongRice(rice);
    this.moveTo(this.#position + width);
    return zeros * 2 ** rice + ((next << (zeros + 1)) >>> (32 - rice));
  }

  #readLongRice(rice: number): number {
    let quotient = 0;
    for (let zeros = 32; zeros === 32; quotient += zeros) {
      zeros = Math.clz32(this.#next());
      this.moveTo(this.#position + zeros);
    }
    this.moveTo(this.#position + 1);
    return quotient * 2 ** rice + this.readWide(rice);
  }

  /** The next 32 bits; zeros where the bytes end. */
  #next(): number {
    const at = this.#position >>> 3;
    const passed = this.#position & 7;
    if (at + 5 > this.#bytes.length) return this.#nextAtEnd(at, passed);
    return (this.#view.getUint32(at) << passed) | ((this.#bytes[at + 4] ?? 0) >>> (8 - passed));
  }

  #nextAtEnd(at: number, passed: number): number {
    let word = 0;
    for (let place = 0; place < 4; place += 1) {
      word = (word << 8) | (this.#bytes[at + place] ?? 0);
    }
    return (word << passed) | ((this.#bytes[at + 4] ?? 0) >>> (8 - passed));
  }
}

const wordBits = 30;
const wordMax = 2 ** wordBits;

/** Moved to the left by up to 32 bits: JavaScript takes 32 for none. */
function leftOf(value: number, bits: number): number {
  return bits === 32 ? 0 : value << bits;
}

function ended(): RangeError {
  return new RangeError("The bits end in the middle of a number.");
}
