const point = 46;
/** Beyond as many bytes a call into the engine costs less than a loop. */
const copiedByHand = 8;

/** The three digits of every number below 1,000, four bytes each. */
const digits = Buffer.from(
  Array.from({ length: 1000 }, (_, value) => `${value.toString().padStart(3, "0")} `).join(""),
);

/** Text written into one buffer, piece by piece, without strings on the way. */
export class ByteWriter {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytesMax: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytesMax);
  }

  /** What was written so far. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  byte(value: number): void {
    this.bytes[this.at] = value;
    this.at += 1;
  }

  piece(piece: Uint8Array): void {
    const { bytes, at } = this;
    if (piece.length > copiedByHand) bytes.set(piece, at);
    else
      for (let place = 0; place < piece.length; place += 1) bytes[at + place] = piece[place] ?? 0;
    this.at = at + piece.length;
  }

  /** A whole number below a million as digits. */
  number(value: number): void {
    if (value < 1000) {
      const width = value < 10 ? 1 : value < 100 ? 2 : 3;
      this.#digits(value, width);
    } else {
      this.number(Math.floor(value / 1000));
      this.#digits(value % 1000, 3);
    }
  }

  /** The last digits of a whole number below 1,000. */
  #digits(value: number, width: number): void {
    const { bytes, at } = this;
    const from = 4 * value + 3 - width;
    for (let place = 0; place < width; place += 1) bytes[at + place] = digits[from + place] ?? 0;
    this.at = at + width;
  }

  /** Milliseconds as seconds with three decimals. */
  seconds(ms: number): void {
    this.number(Math.floor(ms / 1000));
    this.byte(point);
    this.#digits(ms % 1000, 3);
  }
}
