/** What a sender did that no framing knows; its connection cannot be read on. */
export class BrokenFraming extends Error {
  override readonly name = "BrokenFraming";
}

const newline = 0x0a;
const space = 0x20;
const digits = /^[1-9]\d{0,8}$/;
/** Digits of a count, and the space behind them. */
const countBytesMax = 10;

/**
 * The messages of a TCP connection: each counted in octets (RFC 6587 §3.4.1), or ended by a newline as most senders do;
 * a message tells by its first byte which it is. No more than one message is held.
 */
export class SyslogFraming {
  readonly #bytesMax: number;
  readonly #onTooLong: () => void;
  #held: Buffer = Buffer.alloc(0);
  /** Octets of a message that is too long, which are let pass; -1 for one that ends with a newline. */
  #passing = 0;

  constructor(bytesMax: number, onTooLong: () => void) {
    this.#bytesMax = bytesMax;
    this.#onTooLong = onTooLong;
  }

  /** Whether the sender owes the rest of a message. */
  get isPartial(): boolean {
    return this.#held.length > 0 || this.#passing !== 0;
  }

  /** The messages that are whole with these bytes; throws behind those that stand before what no framing knows. */
  *take(chunk: Buffer): Generator<Buffer, void> {
    const messages: Buffer[] = [];
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (rest.length > 0) {
      const left = this.#passing === 0 ? this.#one(rest, messages) : this.#passed(rest);
      yield* messages.splice(0);
      if (left === null) break;
      rest = left;
    }
    this.#held = this.#passing === 0 ? Buffer.from(rest) : Buffer.alloc(0);
  }

  /** What the sender left unfinished when it closed the connection. */
  end(): Buffer[] {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest.length > 0 && !isDigit(rest[0]) ? [rest] : [];
  }

  /** Takes one message off the beginning; null when it is not whole. */
  #one(bytes: Buffer, messages: Buffer[]): Buffer | null {
    return isDigit(bytes[0]) ? this.#counted(bytes, messages) : this.#line(bytes, messages);
  }

  #counted(bytes: Buffer, messages: Buffer[]): Buffer | null {
    const at = bytes.subarray(0, countBytesMax).indexOf(space);
    if (at < 0 && bytes.length < countBytesMax) return null;
    const count = bytes.toString("latin1", 0, Math.max(at, 0));
    if (!digits.test(count)) throw new BrokenFraming("neither a count of octets nor a priority");
    const end = at + 1 + Number(count);
    if (Number(count) > this.#bytesMax) return this.#tooLong(bytes.subarray(at + 1), Number(count));
    if (bytes.length < end) return null;
    messages.push(bytes.subarray(at + 1, end));
    return bytes.subarray(end);
  }

  #line(bytes: Buffer, messages: Buffer[]): Buffer | null {
    const end = bytes.indexOf(newline);
    if (end < 0 && bytes.length <= this.#bytesMax) return null;
    if (end < 0 || end > this.#bytesMax) return this.#tooLong(bytes, -1);
    if (end > 0) messages.push(bytes.subarray(0, end));
    return bytes.subarray(end + 1);
  }

  #tooLong(bytes: Buffer, octets: number): Buffer {
    this.#onTooLong();
    this.#passing = octets;
    return bytes;
  }

  /** Lets pass what belongs to a message that is too long; null when all of it does. */
  #passed(bytes: Buffer): Buffer | null {
    if (this.#passing > 0) {
      const count = Math.min(this.#passing, bytes.length);
      this.#passing -= count;
      return this.#passing > 0 ? null : bytes.subarray(count);
    }
    const end = bytes.indexOf(newline);
    if (end < 0) return null;
    this.#passing = 0;
    return bytes.subarray(end + 1);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
