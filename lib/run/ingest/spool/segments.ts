import { open, readdir, readFile, rename, stat, truncate, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { frameOf, Scan, type SpoolRecord } from "./frames.ts";

const segmentBytesMax = 16 * 1024 * 1024;
const suffix = ".spool";

/** How an append ended. */
export type Appended = "written" | "full" | "failed";

export interface SegmentsOptions {
  readonly folder: string;
  readonly bytesMax: number;
  /** Told when the disk does not take what is written. */
  readonly onDiskError: (error: unknown) => void;
}

interface Waiting {
  readonly frame: Buffer;
  readonly settle: (result: Appended) => void;
}

interface Active {
  readonly name: string;
  readonly file: FileHandle;
  size: number;
}

/** Names of the segments in a folder, oldest first. */
export async function segmentNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(suffix)).toSorted();
}

/** The newest segment in a folder as it is now; null when there is none, or another process has just replayed it. */
export async function newestSegment(folder: string): Promise<Scan | null> {
  const name = (await segmentNames(folder)).at(-1);
  if (name === undefined) return null;
  const bytes = await readFile(join(folder, name)).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  return bytes === null ? null : new Scan(bytes);
}

/** The files of a spool: written at the end of the newest, read and removed from the oldest on. */
export class Segments {
  readonly #options: SegmentsOptions;
  /** Names of whole segments, oldest first, with their bytes. */
  readonly #sealed = new Map<string, number>();
  #active: Active | null = null;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Work on files, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  /** Finds what an earlier process left; gives the bytes that it had not written whole, and which are cut off. */
  static async open(
    options: SegmentsOptions,
  ): Promise<{ readonly segments: Segments; readonly tornBytes: number }> {
    const segments = new Segments(options);
    for (const name of await segmentNames(options.folder)) {
      segments.#sealed.set(name, (await stat(join(options.folder, name))).size);
    }
    const newest = [...segments.#sealed.keys()].at(-1);
    const tornBytes = newest === undefined ? 0 : await segments.#cutTornEnd(newest);
    return { segments, tornBytes };
  }

  /** Of all records that wait to be replayed. */
  get bytes(): number {
    const sealed = [...this.#sealed.values()].reduce((sum, size) => sum + size, 0);
    return sealed + (this.#active?.size ?? 0) + this.#waitingBytes;
  }

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  /** Resolves when the record is on disk for good, or cannot be. */
  append(record: SpoolRecord): Promise<Appended> {
    const frame = frameOf(record);
    if (this.bytes + frame.length > this.#options.bytesMax) return Promise.resolve("full");
    this.#waitingBytes += frame.length;
    return new Promise((settle) => {
      this.#waiting.push({ frame, settle });
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#flush());
    });
  }

  /** The oldest segment and all that is in it; no more is added to it. Null when there is none. */
  oldest(): Promise<{ readonly name: string; readonly scan: Scan } | null> {
    return this.#inTurn(async () => {
      if (this.#sealed.size === 0) await this.#seal();
      const [name] = this.#sealed.keys();
      if (name === undefined) return null;
      return { name, scan: new Scan(await readFile(this.#pathOf(name))) };
    });
  }

  /** Removes a segment that was replayed, for good. */
  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await unlink(this.#pathOf(name));
      await this.#syncFolder();
      this.#sealed.delete(name);
    });
  }

  /** Keeps a segment under another name, for somebody to look at; it counts no more. */
  setAside(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await rename(this.#pathOf(name), `${this.#pathOf(name)}.aside`);
      await this.#syncFolder();
      this.#sealed.delete(name);
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#seal());
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const bytes = Buffer.concat(batch.map(({ frame }) => frame));
    const result = await this.#write(bytes).then(
      (): Appended => "written",
      (error: unknown): Appended => {
        this.#options.onDiskError(error);
        return "failed";
      },
    );
    this.#waitingBytes -= bytes.length;
    for (const { settle } of batch) settle(result);
  }

  async #write(bytes: Buffer): Promise<void> {
    const active = (this.#active ??= await this.#begin());
    try {
      for (let done = 0; done < bytes.length;) {
        const left = bytes.length - done;
        const { bytesWritten } = await active.file.write(bytes, done, left, active.size + done);
        done += bytesWritten;
      }
      await active.file.datasync();
      active.size += bytes.length;
    } catch (error) {
      // What reached the disk of it must not be replayed: its senders are told that it was not taken.
      await active.file.truncate(active.size).catch(this.#options.onDiskError);
      await this.#seal();
      throw error;
    }
    if (active.size >= segmentBytesMax) await this.#seal();
  }

  async #begin(): Promise<Active> {
    const name = `${String(Date.now()).padStart(15, "0")}${suffix}`;
    if (this.#sealed.has(name)) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return this.#begin();
    }
    const file = await open(this.#pathOf(name), "wx", 0o600);
    await this.#syncFolder();
    return { name, file, size: 0 };
  }

  async #seal(): Promise<void> {
    const active = this.#active;
    this.#active = null;
    if (active === null) return;
    await active.file.close();
    if (active.size > 0) this.#sealed.set(active.name, active.size);
    else await unlink(this.#pathOf(active.name));
  }

  /** A record that was not written whole was never acknowledged. */
  async #cutTornEnd(name: string): Promise<number> {
    const path = this.#pathOf(name);
    const bytes = await readFile(path);
    const goodEnd = goodEndOf(bytes);
    if (goodEnd === bytes.length && goodEnd > 0) return 0;
    if (goodEnd > 0) {
      await truncate(path, goodEnd);
      this.#sealed.set(name, goodEnd);
    } else if (bytes.length > 0) await this.setAside(name);
    else await this.remove(name);
    return bytes.length - goodEnd;
  }

  /** So that a new or removed name survives a power cut. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#options.folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #pathOf(name: string): string {
    return join(this.#options.folder, name);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function goodEndOf(bytes: Buffer): number {
  let goodEnd = 0;
  for (const { end } of new Scan(bytes)) goodEnd = end;
  return goodEnd;
}
