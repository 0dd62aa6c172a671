import { deserialize, serialize } from "node:v8";
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { type PlainRows, RecordRows } from "#lib/core/record-rows.ts";

import type { Prepared } from "../prepared.ts";

/** A request on disk. */
export interface SpoolRecord {
  readonly prepared: Prepared;
  /** Blocks of commits whose answer never came: when one of them is stored, so is the request. */
  readonly blocks: readonly number[];
}

/** A record and where in its segment it stands. */
export interface Frame {
  readonly record: SpoolRecord;
  readonly start: number;
  readonly end: number;
}

/** Before each record: these bytes, its length and its CRC-32. The last byte is raised when `Prepared` changes its shape. */
const mark = Buffer.from("VSR\u0004");
const headBytes = 12;
/** Fast: the disk is written once and read once. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A record as it is written. */
export function frameOf(record: SpoolRecord): Buffer {
  const { prepared, blocks } = record;
  const plain = { prepared: { ...prepared, rows: prepared.rows.plain() }, blocks };
  const body = zstdCompressSync(serialize(plain), compression);
  const head = Buffer.alloc(headBytes);
  mark.copy(head);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(crc32(body), 8);
  return Buffer.concat([head, body]);
}

/**
 * The records of a segment, each read when it is asked for, as all of them take many times the room of the segment.
 * What is damaged between them is stepped over.
 */
export class Scan implements Iterable<Frame> {
  readonly #bytes: Buffer;
  #badBytes = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Bytes that are no record, among those that were gone over so far. */
  get badBytes(): number {
    return this.#badBytes;
  }

  *[Symbol.iterator](): Generator<Frame, void> {
    const bytes = this.#bytes;
    this.#badBytes = 0;
    for (let at = 0; at < bytes.length;) {
      const frame = frameAt(bytes, at);
      if (frame === null) {
        const next = bytes.indexOf(mark, at + 1);
        const to = next < 0 ? bytes.length : next;
        this.#badBytes += to - at;
        at = to;
      } else {
        at = frame.end;
        yield frame;
      }
    }
  }
}

function frameAt(bytes: Buffer, start: number): Frame | null {
  const bodyAt = start + headBytes;
  if (bodyAt > bytes.length || mark.compare(bytes, start, start + mark.length) !== 0) return null;
  const end = bodyAt + bytes.readUInt32LE(start + 4);
  if (end > bytes.length) return null;
  const body = bytes.subarray(bodyAt, end);
  if (crc32(body) !== bytes.readUInt32LE(start + 8)) return null;
  const record = recordOf(body);
  return record === null ? null : { record, start, end };
}

function recordOf(body: Buffer): SpoolRecord | null {
  try {
    const value: unknown = deserialize(zstdDecompressSync(body));
    if (!isRecord(value)) return null;
    const { prepared, blocks } = value;
    return { prepared: { ...prepared, rows: RecordRows.of(prepared.rows) }, blocks };
  } catch {
    return null;
  }
}

/** A record in plain data. */
interface PlainRecord extends Omit<SpoolRecord, "prepared"> {
  readonly prepared: Omit<Prepared, "rows"> & { readonly rows: PlainRows };
}

/** The checksum says that it is as we wrote it; this, that it was written by a version with the same shape. */
function isRecord(value: unknown): value is PlainRecord {
  if (typeof value !== "object" || value === null) return false;
  if (!("prepared" in value) || !("blocks" in value) || !Array.isArray(value.blocks)) return false;
  const { prepared } = value;
  return typeof prepared === "object" && prepared !== null && hasShape(prepared);
}

const preparedKeys: Readonly<Record<keyof Prepared, true>> = {
  project: true,
  signal: true,
  stream: true,
  payload: true,
  keepsPayload: true,
  records: true,
  rows: true,
  logLines: true,
  points: true,
  digest: true,
  hasKey: true,
  isUnique: true,
  receivedMs: true,
  state: true,
};

function hasShape(prepared: object): boolean {
  return Object.keys(preparedKeys).every((key) => key in prepared);
}
