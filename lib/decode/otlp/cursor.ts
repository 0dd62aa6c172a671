import { byteAt, type Bytes, bytesOf } from "../bytes.ts";
import { MalformedPayload } from "../malformed.ts";

/** Wire types of protobuf that a valid OTLP message may hold. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Walks the fields of protobuf messages without making objects:
 * `next` moves to a field, then exactly one of `varint`, `enter` + `leave`, a fixed read or `skip` consumes it.
 * Never reads outside the message it is in; throws MalformedPayload where the bytes are no message.
 */
export class Cursor implements Bytes {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Where the next byte is read. */
  at: number;
  /** End of the message that is being read. */
  end: number;
  /** Field number and wire type of the current field, as they stand on the wire: number * 8 + type. */
  tag = 0;

  constructor(bytes: Uint8Array) {
    const source = bytesOf(bytes);
    this.bytes = source.bytes;
    this.view = source.view;
    this.at = 0;
    this.end = bytes.length;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const first = byteAt(this.bytes, this.at);
    if (first < 0x80) {
      this.at += 1;
      this.tag = first;
    } else {
      this.tag = this.longTag();
    }
    if (this.tag < 8) throw this.malformed("a field has the number 0");
    return true;
  }

  /** Steps into a length-delimited field; gives the end of the message around it, which `leave` takes back. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.at + length;
    return outer;
  }

  /** Steps behind the field that `enter` stepped into, wherever the cursor stands in it. */
  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  /** A number of up to 64 bits, unsigned; above 2^53 it is the nearest double. */
  varint(): number {
    if (this.at < this.end) {
      const first = byteAt(this.bytes, this.at);
      if (first < 0x80) {
        this.at += 1;
        return first;
      }
    }
    return this.longVarint();
  }

  /** Steps over eight bytes and gives where they start. */
  fixed64(): number {
    return this.over(8);
  }

  /** Steps over the current field. */
  skip(): void {
    switch (this.tag & 7) {
      case wire.varint:
        this.varint();
        break;
      case wire.fixed64:
        this.over(8);
        break;
      case wire.bytes:
        this.overBytes();
        break;
      case wire.fixed32:
        this.over(4);
        break;
      default:
        throw this.malformed(`wire type ${this.tag & 7} is not allowed`);
    }
  }

  /** The error for what stands at the cursor; `what` completes a sentence. */
  malformed(what: string): MalformedPayload {
    return new MalformedPayload(
      `The body is not a valid protobuf message: ${what} at byte ${this.at}.`,
    );
  }

  private length(): number {
    const length = this.varint();
    if (length > this.end - this.at) {
      throw this.malformed(`a length of ${length} runs past the end of its message`);
    }
    return length;
  }

  private overBytes(): void {
    const length = this.length();
    this.at += length;
  }

  private over(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw this.malformed("a number is cut off");
    this.at = start + count;
    return start;
  }

  private longTag(): number {
    const tag = this.longVarint();
    if (tag > 0xff_ff_ff_ff) throw this.malformed("a field number is too large");
    return tag;
  }

  private longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count += 1) {
      if (this.at >= this.end) throw this.malformed("a number is cut off");
      const byte = byteAt(this.bytes, this.at);
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw this.malformed("a number is longer than ten bytes");
  }
}
