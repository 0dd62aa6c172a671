import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** How a file begins: tells a file from another that took its name or its inode. */
export interface Fingerprint {
  /** Bytes from the beginning that were looked at. */
  readonly bytes: number;
  readonly sha256: string;
}

const bytesMax = 1_024;
/** Two files that begin with fewer equal bytes than this may be two files. */
const tellingBytes = 48;

export const emptyFingerprint: Fingerprint = { bytes: 0, sha256: digestOf(Buffer.alloc(0)) };

/** The fingerprint of a file by as much as it has, up to 1 KiB. */
export async function fingerprintOf(file: FileHandle, size: number): Promise<Fingerprint> {
  const beginning = await readFully(file, 0, Math.min(bytesMax, size));
  return { bytes: beginning.length, sha256: digestOf(beginning) };
}

/**
 * The fingerprint of a file that still begins as another one says, by as much as it has now; null when it begins otherwise.
 * Both are told from the same bytes, so that a file that is emptied meanwhile is never taken for its old content.
 */
export async function renewed(
  file: FileHandle,
  known: Fingerprint,
  size: number,
): Promise<Fingerprint | null> {
  if (known.bytes === bytesMax) return (await beginsAs(file, known)) ? known : null;
  const beginning = await readFully(file, 0, Math.min(bytesMax, Math.max(size, known.bytes)));
  if (beginning.length < known.bytes) return null;
  if (digestOf(beginning.subarray(0, known.bytes)) !== known.sha256) return null;
  return { bytes: beginning.length, sha256: digestOf(beginning) };
}

/** Whether a file begins as a fingerprint says. */
export async function beginsAs(file: FileHandle, fingerprint: Fingerprint): Promise<boolean> {
  const beginning = await readFully(file, 0, fingerprint.bytes);
  return beginning.length === fingerprint.bytes && digestOf(beginning) === fingerprint.sha256;
}

/** Whether a fingerprint is long enough to know a copy of its file by. */
export function isTelling({ bytes }: Fingerprint): boolean {
  return bytes >= tellingBytes;
}

/** Bytes of a file from a place on; fewer where it ends. */
export async function readFully(
  file: FileHandle,
  from: number,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
