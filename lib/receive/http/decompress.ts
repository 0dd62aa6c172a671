import zlib from "node:zlib";

import { tooLarge } from "./read-body.ts";
import { Refusal } from "./refusal.ts";

/** Up to this many bytes out, a body is decompressed at once; a larger one would hold up everybody else. */
const atOnceMax = 1 << 20;
/** Bytes that are inflated in one step where the size is not known. */
const stepBytes = 1 << 16;
/** As RFC 9659 bounds the memory that a zstd sender may ask of us. */
const zstdWindowLogMax = 23;

interface Codec {
  now(
    body: Buffer,
    options: { readonly maxOutputLength: number; readonly chunkSize: number },
  ): Buffer;
  later(
    body: Buffer,
    options: { readonly maxOutputLength: number },
    done: (error: Error | null, result: Buffer) => void,
  ): void;
}

const zstdParams = { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLogMax };
const gzip: Codec = {
  now: (body, options) => zlib.gunzipSync(body, options),
  later: (body, options, done) => zlib.gunzip(body, options, done),
};
const codecs = new Map<string, Codec>([
  ["gzip", gzip],
  ["x-gzip", gzip],
  [
    "deflate",
    {
      now: (body, options) => zlib.inflateSync(body, options),
      later: (body, options, done) => zlib.inflate(body, options, done),
    },
  ],
  [
    "zstd",
    {
      now: (body, options) => zlib.zstdDecompressSync(body, { ...options, params: zstdParams }),
      later: (body, options, done) =>
        zlib.zstdDecompress(body, { ...options, params: zstdParams }, done),
    },
  ],
]);

/** What a body was compressed with: null for nothing; a Refusal when we cannot undo it. */
export function contentEncodingOf(header: string | undefined): string | null {
  const name = (header ?? "").trim().toLowerCase();
  if (name === "" || name === "identity") return null;
  if (codecs.has(name)) return name;
  throw new Refusal(
    415,
    "content_encoding",
    `Content-Encoding "${name.slice(0, 40)}" is not supported; use gzip, deflate, zstd or none.`,
  );
}

/** The body decompressed; refused when it is not what it says, or larger than `bytesMax` without being inflated further. */
export async function decompressed(
  body: Buffer,
  encoding: string | null,
  bytesMax: number,
): Promise<Buffer> {
  const codec = encoding === null ? undefined : codecs.get(encoding);
  if (encoding === null || codec === undefined) return body;
  const promised = codec === gzip ? sizeInGzipTrailer(body) : 0;
  const first = Math.min(bytesMax, atOnceMax);
  try {
    if (promised > first) return await inflateLater(codec, body, bytesMax);
    // With room for one byte more than promised, inflating ends in one step.
    const chunkSize = promised === 0 ? stepBytes : Math.max(64, promised + 1);
    return codec.now(body, { maxOutputLength: first, chunkSize });
  } catch (error) {
    if (!isOverflow(error)) throw damaged(encoding);
    if (first === bytesMax) throw tooLarge(bytesMax);
  }
  return afterOverflow(codec, body, encoding, bytesMax);
}

/** For a body that turned out to be larger than what is inflated at once. */
async function afterOverflow(
  codec: Codec,
  body: Buffer,
  encoding: string,
  bytesMax: number,
): Promise<Buffer> {
  try {
    return await inflateLater(codec, body, bytesMax);
  } catch (error) {
    throw isOverflow(error) ? tooLarge(bytesMax) : damaged(encoding);
  }
}

/** On the thread pool. */
function inflateLater(codec: Codec, body: Buffer, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    codec.later(body, { maxOutputLength: bytesMax }, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

/** The size that a gzip body says it has, which may be a lie. */
function sizeInGzipTrailer(body: Buffer): number {
  return body.length >= 18 ? body.readUInt32LE(body.length - 4) : 0;
}

function isOverflow(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function damaged(encoding: string): Refusal {
  return new Refusal(
    400,
    "compression",
    `The body is not valid ${encoding}, or it is cut off, although Content-Encoding says ${encoding}.`,
  );
}
