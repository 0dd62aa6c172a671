import { ByteWriter } from "./byte-writer.ts";
import { AccessLines, lineBytesMax } from "./lines.ts";
import type { Random } from "./random.ts";
import type { Bodies } from "./sending.ts";
import { Snappy } from "./snappy.ts";

const labels = Buffer.from('{job="edge", instance="edge-1", filename="/var/log/nginx/access.log"}');
const headBytes = 6;
const field = { streams: 0x0a, labels: 0x0a, entries: 0x12, timestamp: 0x0a, line: 0x12 } as const;

/** Requests of Loki's push API as promtail and Alloy make them: one stream of nginx lines, protobuf in Snappy. */
export class LokiPushes implements Bodies {
  readonly #lines: AccessLines;
  readonly #count: number;
  readonly #line = new ByteWriter(lineBytesMax);
  readonly #to: ByteWriter;
  readonly #snappy = new Snappy();

  constructor(count: number, random: Random) {
    this.#lines = new AccessLines("text", random);
    this.#count = count;
    this.#to = new ByteWriter(headBytes + labels.length + count * (lineBytesMax + 32));
  }

  next(nowMs: number): Buffer {
    const to = this.#to;
    const time = timestampOf(nowMs);
    to.at = headBytes;
    to.byte(field.labels);
    to.byte(labels.length);
    to.piece(labels);
    for (let line = 0; line < this.#count; line += 1) this.#entry(to, nowMs, time);
    return this.#snappy.compress(this.#withHead(to));
  }

  #entry(to: ByteWriter, nowMs: number, time: Buffer): void {
    const line = this.#line;
    line.at = 0;
    this.#lines.write(line, nowMs);
    const lineLength = line.at;
    to.byte(field.entries);
    writeVarint(to, time.length + 1 + (lineLength < 128 ? 1 : 2) + lineLength);
    to.piece(time);
    to.byte(field.line);
    writeVarint(to, lineLength);
    to.piece(line.written);
  }

  /** The length of the stream is known when it is written, and stands before it in five bytes, as protobuf allows. */
  #withHead(to: ByteWriter): Buffer {
    let rest = to.at - headBytes;
    to.bytes[0] = field.streams;
    for (let place = 1; place < headBytes; place += 1) {
      to.bytes[place] = (rest & 0x7f) | (place + 1 < headBytes ? 0x80 : 0);
      rest >>>= 7;
    }
    return to.written;
  }
}

/** A field of google.protobuf.Timestamp. */
function timestampOf(nowMs: number): Buffer {
  const to = new ByteWriter(24);
  to.byte(field.timestamp);
  to.byte(0);
  to.byte(0x08);
  writeVarint(to, Math.floor(nowMs / 1000));
  to.byte(0x10);
  writeVarint(to, (nowMs % 1000) * 1_000_000);
  to.bytes[1] = to.at - 2;
  return to.written;
}

function writeVarint(to: ByteWriter, value: number): void {
  let rest = value;
  for (; rest > 127; rest >>>= 7) to.byte((rest & 0x7f) | 0x80);
  to.byte(rest);
}
