const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const encoder = new TextEncoder();

/** Writes protobuf into one buffer that grows; messages inside messages are closed by moving them once. */
export class Writer {
  private bytes: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private at = 0;

  constructor(sizeHint: number) {
    this.bytes = new Uint8Array(Math.max(64, sizeHint));
    this.view = new DataView(this.bytes.buffer);
  }

  /** What was written; the writer is not used after it. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.at);
  }

  /** A 64-bit number, in two unsigned halves. */
  varint(field: number, high: number, low: number): void {
    this.tag(field, wire.varint);
    this.rawVarint(high, low);
  }

  fixed32(field: number, value: number): void {
    this.tag(field, wire.fixed32);
    this.reserve(4);
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** A 64-bit number, in two unsigned halves. */
  fixed64(field: number, high: number, low: number): void {
    this.tag(field, wire.fixed64);
    this.reserve(8);
    this.view.setUint32(this.at, low, true);
    this.view.setUint32(this.at + 4, high, true);
    this.at += 8;
  }

  double(field: number, value: number): void {
    this.tag(field, wire.fixed64);
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  blob(field: number, value: Uint8Array): void {
    this.tag(field, wire.bytes);
    this.rawVarint(0, value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  string(field: number, value: string): void {
    const start = this.open(field);
    this.reserve(value.length * 3);
    if (!this.ascii(value)) {
      this.at = start + encoder.encodeInto(value, this.bytes.subarray(start)).written;
    }
    this.close(start);
  }

  /** Begins a message; gives what `close` needs to end it. */
  open(field: number): number {
    this.tag(field, wire.bytes);
    this.reserve(1);
    this.at += 1;
    return this.at;
  }

  close(start: number): void {
    const length = this.at - start;
    const lengthBytes = varintSize(length);
    if (lengthBytes > 1) {
      this.reserve(lengthBytes);
      this.bytes.copyWithin(start + lengthBytes - 1, start, this.at);
    }
    this.at = start - 1;
    this.rawVarint(0, length);
    this.at += length;
  }

  private ascii(value: string): boolean {
    const { bytes } = this;
    let { at } = this;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[at] = code;
      at += 1;
    }
    this.at = at;
    return true;
  }

  private tag(field: number, type: number): void {
    this.rawVarint(0, field * 8 + type);
  }

  private rawVarint(high: number, low: number): void {
    this.reserve(10);
    let rest = low;
    let above = high;
    while (above > 0 || rest > 0x7f) {
      this.bytes[this.at] = (rest & 0x7f) | 0x80;
      this.at += 1;
      rest = ((rest >>> 7) | (above << 25)) >>> 0;
      above >>>= 7;
    }
    this.bytes[this.at] = rest;
    this.at += 1;
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size += 1;
  return size;
}
