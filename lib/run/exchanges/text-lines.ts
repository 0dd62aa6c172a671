const newline = 0x0a;
const carriageReturn = 0x0d;

/** A line and its place in the payload, counted from 0. */
export interface TextLine {
  readonly position: number;
  readonly text: string;
}

/** The lines of a payload, of which only those that are asked for become strings. */
export class TextLines {
  readonly #bytes: Buffer;
  /** Where each line begins, as far as they were counted. */
  readonly #starts: number[] = [0];
  #countedTo = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
  }

  /** The line at a place; null behind the last. */
  at(position: number): TextLine | null {
    while (this.#starts.length <= position && this.#countNext());
    const start = this.#starts[position];
    return start === undefined || start >= this.#bytes.length
      ? null
      : this.#lineFrom(start, position);
  }

  /** The places of the lines that hold a text, in order; the first so many. */
  holding(text: string, max: number): number[] {
    const found: number[] = [];
    for (let at = 0; found.length < max;) {
      const hit = this.#bytes.indexOf(text, at);
      if (hit < 0) break;
      found.push(this.#positionOf(hit));
      const end = this.#bytes.indexOf(newline, hit);
      if (end < 0) break;
      at = end + 1;
    }
    return found;
  }

  #lineFrom(start: number, position: number): TextLine {
    const found = this.#bytes.indexOf(newline, start);
    const end = found < 0 ? this.#bytes.length : found;
    const isLong = this.#bytes[end - 1] === carriageReturn && end > start;
    return { position, text: this.#bytes.toString("utf8", start, isLong ? end - 1 : end) };
  }

  /** Hits come in order, so the line is the last that was counted, or one behind it. */
  #positionOf(byte: number): number {
    while (this.#countedTo <= byte && this.#countNext());
    let position = this.#starts.length - 1;
    while ((this.#starts[position] ?? 0) > byte) position -= 1;
    return position;
  }

  #countNext(): boolean {
    const end = this.#bytes.indexOf(newline, this.#countedTo);
    if (end < 0) return false;
    this.#countedTo = end + 1;
    this.#starts.push(end + 1);
    return true;
  }
}
