import { ByteWriter } from "./byte-writer.ts";
import { AccessLines, lineBytesMax, newline } from "./lines.ts";
import type { Random } from "./random.ts";
import type { Bodies } from "./sending.ts";

/** nginx lines as its `access_log syslog:` sends them (RFC 3164), ended by newlines as most senders do. */
export class SyslogMessages implements Bodies {
  readonly #lines: AccessLines;
  readonly #count: number;
  readonly #to: ByteWriter;

  constructor(count: number, random: Random) {
    this.#lines = new AccessLines("text", random);
    this.#count = count;
    this.#to = new ByteWriter(count * lineBytesMax);
  }

  next(nowMs: number): Buffer {
    const to = this.#to;
    const head = Buffer.from(`<190>${stampOf(new Date(nowMs))} edge-1 edge: `);
    to.at = 0;
    for (let line = 0; line < this.#count; line += 1) {
      to.piece(head);
      this.#lines.write(to, nowMs);
      to.byte(newline);
    }
    return to.written;
  }
}

/** Month, day and clock as RFC 3164 writes them. */
function stampOf(date: Date): string {
  const [, month = "", day = "", clock = ""] =
    /, 0?(\d+) (\w+) \d+ ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${day} ${month.padStart(2)} ${clock}`;
}
