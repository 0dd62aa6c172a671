import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { z } from "zod";

/** A commit of records that is about to be asked for: bytes `from` to `to` of a segment. */
export interface Step {
  readonly segment: string;
  readonly from: number;
  readonly to: number;
  /** One of the blocks of the commit: when it is stored, the step was made. */
  readonly block: number;
}

const slotSchema = z.object({
  number: z.number(),
  segment: z.string(),
  from: z.number(),
  to: z.number(),
  block: z.number(),
});
type Slot = z.infer<typeof slotSchema>;

const slotBytes = 512;
const slots = 2;

/**
 * Remembers on disk which commit of a replay was asked for last, so that a replay that is cut short doubles nothing.
 * Two slots are written by turns, in place: a full disk has no room for another file, and a slot that was not written
 * whole leaves the other, whose commit was the last that was asked for.
 */
export class Progress {
  readonly #file: FileHandle;
  #last: Slot | null;

  private constructor(file: FileHandle, last: Slot | null) {
    this.#file = file;
    this.#last = last;
  }

  static async open(folder: string): Promise<Progress> {
    const path = join(folder, "replay");
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const bytes = Buffer.alloc(slotBytes * slots, " ");
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead < bytes.length) {
      await file.write(bytes, 0, bytes.length, 0);
      await file.sync();
    }
    const found = [0, 1].flatMap((place) => slotOf(bytes, place) ?? []);
    return new Progress(file, found.toSorted((a, b) => b.number - a.number)[0] ?? null);
  }

  /** On disk when it resolves; the commit may be asked for then. */
  async note(step: Step): Promise<void> {
    const slot: Slot = { ...step, number: (this.#last?.number ?? 0) + 1 };
    const text = JSON.stringify(slot);
    const line = Buffer.alloc(slotBytes, " ");
    line.write(`${crc32(text).toString(16).padStart(8, "0")} ${text}\n`);
    await this.#file.write(line, 0, slotBytes, (slot.number % slots) * slotBytes);
    await this.#file.datasync();
    this.#last = slot;
  }

  /** The last step of this segment; null when there was none. */
  last(segment: string): Step | null {
    return this.#last?.segment === segment ? this.#last : null;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function slotOf(bytes: Buffer, place: number): Slot | null {
  const line = bytes.toString("utf8", place * slotBytes, (place + 1) * slotBytes).trimEnd();
  const text = line.slice(9);
  if (line.length < 10 || Number.parseInt(line.slice(0, 8), 16) !== crc32(text)) return null;
  return slotSchema.parse(JSON.parse(text));
}
