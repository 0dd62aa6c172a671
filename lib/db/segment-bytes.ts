import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { freeBytes } from "#lib/core/free-bytes.ts";
import { MalformedSegment } from "#lib/core/malformed-segment.ts";

const compress = promisify(zstdCompress);
/** Columns are packed already: higher levels find a few percent more and take several times as long. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Fewer bytes get longer by it, or hardly shorter. */
const compressedFrom = 192;
/** Up to this many bytes, handing them to another thread and back takes longer than the work itself. */
const atOnceBytes = 32_768;
/** The first byte of a zstd frame; packed columns begin with a version, which will never be that. */
const zstdMagic = 0x28;
/** More than the columns of a full segment take. */
const unpackedMax = 1 << 21;
/** Usual columns fit, so that they come in one piece. */
const chunkSize = 1 << 16;

/**
 * Columns of records as they are stored; of many records, they are compressed on another thread. What is packed must
 * not be used again.
 */
export async function storedColumns(packed: Uint8Array): Promise<Uint8Array> {
  if (packed.length < compressedFrom) return packed;
  const stored =
    packed.length <= atOnceBytes
      ? zstdCompressSync(packed, compression)
      : await compress(packed, compression);
  freeBytes(packed);
  return stored;
}

/** The columns that were stored; throws MalformedSegment for what is none. */
export function packedColumns(stored: Uint8Array): Uint8Array {
  if (stored[0] !== zstdMagic) return stored;
  try {
    return zstdDecompressSync(stored, { maxOutputLength: unpackedMax, chunkSize });
  } catch (error) {
    throw new MalformedSegment("The columns of a segment cannot be decompressed.", {
      cause: error,
    });
  }
}
