import { randomUUID } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

import { isOfContainer, wholeLinesOf } from "#lib/decode/log-lines.ts";

import type { FilePosition } from "./checkpoint.ts";
import {
  beginsAs,
  emptyFingerprint,
  type Fingerprint,
  fingerprintOf,
  isTelling,
  readFully,
  renewed,
} from "./fingerprint.ts";

/** Whole lines of a file, and where they stand in it. */
export interface Batch {
  readonly content: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly from: number;
  readonly to: number;
}

/** What was found where the next lines should be. */
export type Look = Batch | "nothing new" | "truncated";

const newline = 0x0a;
/** Lines of one request, in bytes: the memory that a tail needs. */
const batchBytesMax = 524_288;

/** One open file and how far it was read; it stays open when its name is taken away. */
export class FollowedFile {
  readonly device: string;
  readonly inode: string;
  path: string;
  /** Since when no name that is followed leads to it; null while one does. */
  goneSinceMs: number | null = null;
  readonly #file: FileHandle;
  #content: string;
  #fingerprint: Fingerprint;
  #offset: number;
  #pendingTo: number | null;
  #isCopy: boolean;

  private constructor(path: string, file: FileHandle, position: Omit<FilePosition, "path">) {
    this.path = path;
    this.#file = file;
    this.device = position.device;
    this.inode = position.inode;
    this.#content = position.content;
    this.#fingerprint = position.fingerprint;
    this.#offset = position.offset;
    this.#pendingTo = position.pendingTo;
    this.#isCopy = position.isCopy;
  }

  /** A file that was not seen before, to be read from its beginning or from its end. */
  static async fresh(path: string, fromStart: boolean): Promise<FollowedFile> {
    const file = await open(path, "r");
    try {
      const { dev, ino, size } = await file.stat({ bigint: true });
      return new FollowedFile(path, file, {
        device: String(dev),
        inode: String(ino),
        content: randomUUID(),
        fingerprint: await fingerprintOf(file, Number(size)),
        offset: fromStart ? 0 : Number(size),
        pendingTo: null,
        isCopy: false,
      });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The same content at a path, read on from where it was left; null when the path holds another content, or less of it. */
  static async resumed(path: string, position: FilePosition): Promise<FollowedFile | null> {
    const file = await open(path, "r");
    try {
      const { dev, ino, size } = await file.stat({ bigint: true });
      const isEnough = Number(size) >= Math.max(position.offset, position.pendingTo ?? 0);
      if (isEnough && (await beginsAs(file, position.fingerprint))) {
        return new FollowedFile(path, file, {
          ...position,
          device: String(dev),
          inode: String(ino),
        });
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return null;
  }

  get position(): FilePosition {
    return {
      path: this.path,
      device: this.device,
      inode: this.inode,
      fingerprint: this.#fingerprint,
      content: this.#content,
      offset: this.#offset,
      pendingTo: this.#pendingTo,
      isCopy: this.#isCopy,
    };
  }

  get key(): string {
    return `${this.device}:${this.inode}`;
  }

  /**
   * The next whole lines; with `toEnd` also a last one without an end, as nobody will end it.
   * What was read is only given when the file is still the one it was before the reading.
   */
  async look(toEnd: boolean): Promise<Look> {
    if (this.#isCopy) return "nothing new";
    const { size } = await this.#file.stat();
    if (size < Math.max(this.#offset, this.#pendingTo ?? 0)) return "truncated";
    const bytes = await readFully(this.#file, this.#offset, this.#lengthToRead(size));
    const fingerprint = await renewed(this.#file, this.#fingerprint, size);
    if (fingerprint === null) return "truncated";
    this.#fingerprint = fingerprint;
    const isLast = this.#offset + bytes.length >= size;
    const length = this.#pendingTo === null ? wholeLines(bytes, toEnd && isLast) : bytes.length;
    if (length === 0) return "nothing new";
    return this.#batch(bytes.subarray(0, length));
  }

  /** The batch is about to be sent. */
  sending(batch: Batch): void {
    this.#pendingTo = batch.to;
  }

  /** The batch is stored, or will never be. */
  sent(batch: Batch): void {
    this.#offset = batch.to;
    this.#pendingTo = null;
  }

  /** Whether the file begins as another one that was read, so that it is a copy of that. */
  async isCopyOf({ fingerprint, offset }: FilePosition): Promise<boolean> {
    return offset > 0 && isTelling(fingerprint) && beginsAs(this.#file, fingerprint);
  }

  /** Leaves the file alone, as its lines are read elsewhere. */
  leaveAlone(): void {
    this.#isCopy = true;
  }

  /** The file is the copy of one that was read so far; no longer, where its own lines were begun. */
  continueFrom(position: FilePosition): void {
    if (!this.#isCopy && this.#offset > 0) return;
    this.#isCopy = false;
    this.#content = position.content;
    this.#fingerprint = position.fingerprint;
    this.#offset = position.offset;
    this.#pendingTo = position.pendingTo;
  }

  /** The file was emptied and begins anew. */
  restart(): void {
    this.#offset = 0;
    this.#pendingTo = null;
    this.#content = randomUUID();
    this.#fingerprint = emptyFingerprint;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #lengthToRead(size: number): number {
    if (this.#pendingTo !== null) return this.#pendingTo - this.#offset;
    return Math.min(batchBytesMax, size - this.#offset);
  }

  #batch(bytes: Buffer<ArrayBuffer>): Batch {
    const from = this.#offset;
    return { content: this.#content, bytes, from, to: from + bytes.length };
  }
}

/** How many bytes are whole lines, without those that go on in lines that are still to come. */
function wholeLines(bytes: Buffer, toEnd: boolean): number {
  if (toEnd || bytes.length === 0) return bytes.length;
  const end = bytes.lastIndexOf(newline) + 1;
  const whole = end === 0 ? 0 : withoutPieces(bytes, end);
  // A line that alone is larger than a batch can only be refused; whoever counts that is the server.
  return whole === 0 && bytes.length >= batchBytesMax ? bytes.length : whole;
}

function withoutPieces(bytes: Buffer, end: number): number {
  if (!isOfContainer(bytes.toString("utf8", 0, bytes.indexOf(newline)))) return end;
  const lines = bytes.toString("utf8", 0, end - 1).split("\n");
  return placeOfLine(bytes, wholeLinesOf(lines));
}

/** Where a line begins, by its number. */
function placeOfLine(bytes: Buffer, line: number): number {
  let place = 0;
  for (let passed = 0; passed < line; passed += 1) place = bytes.indexOf(newline, place) + 1;
  return place;
}
