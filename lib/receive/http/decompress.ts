import type { Transform } from "node:stream";
import zlib from "node:zlib";

import type { Hold } from "../held-bytes.ts";
import { tooLarge } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import { NotSnappy, snappySize, unsnapped } from "./snappy.ts";
import { Turns } from "./turns.ts";

/** Up to this many bytes out, a body is decompressed at once; a larger one would hold up everybody else. */
const atOnceMax = 1 << 20;
/** Bytes that are inflated in one step where the size is not known. */
const stepBytes = 1 << 16;
/** What is inflated on the thread pool, whose threads others need too. */
const largeBodies = new Turns(2);
/** As RFC 9659 bounds the memory that a zstd sender may ask of us. */
const zstdWindowLogMax = 23;

interface Codec {
  now(
    body: Buffer,
    options: { readonly maxOutputLength: number; readonly chunkSize: number },
  ): Buffer;
  stream(): Transform;
}

const zstdParams = { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLogMax };
const streaming = { chunkSize: stepBytes };
const gzip: Codec = {
  now: (body, options) => zlib.gunzipSync(body, options),
  stream: () => zlib.createGunzip(streaming),
};
const codecs = new Map<string, Codec>([
  ["gzip", gzip],
  ["x-gzip", gzip],
  [
    "deflate",
    {
      now: (body, options) => zlib.inflateSync(body, options),
      stream: () => zlib.createInflate(streaming),
    },
  ],
  [
    "zstd",
    {
      now: (body, options) => zlib.zstdDecompressSync(body, { ...options, params: zstdParams }),
      stream: () => zlib.createZstdDecompress({ ...streaming, params: zstdParams }),
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

/**
 * The body decompressed; refused when it is not what it says, or larger than `bytesMax` without being inflated further.
 * What was inflated is counted in `hold` as it comes, so that many bodies that grow at once are bounded too.
 */
export async function decompressed(
  body: Buffer,
  encoding: string | null,
  bytesMax: number,
  hold: Hold,
): Promise<Buffer> {
  if (encoding === null) return body;
  if (encoding === "snappy") return fromSnappy(body, bytesMax, hold);
  const codec = codecs.get(encoding);
  if (codec === undefined) return body;
  const whole = atOnce(codec, body, encoding, bytesMax);
  if (whole === null) {
    return largeBodies.take(() => inflateLater(codec, body, encoding, bytesMax, hold));
  }
  hold.add(whole.length);
  return whole;
}

/** null when it is larger than what is inflated at once. */
function atOnce(codec: Codec, body: Buffer, encoding: string, bytesMax: number): Buffer | null {
  const promised = codec === gzip ? sizeInGzipTrailer(body) : 0;
  const maxOutputLength = Math.min(bytesMax, atOnceMax);
  if (promised > maxOutputLength) return null;
  try {
    // With room for one byte more than promised, inflating ends in one step.
    const chunkSize = promised === 0 ? stepBytes : Math.max(64, promised + 1);
    return codec.now(body, { maxOutputLength, chunkSize });
  } catch (error) {
    if (!isOverflow(error)) throw damaged(encoding);
    if (maxOutputLength === bytesMax) throw tooLarge(bytesMax);
    return null;
  }
}

/** A block says its size first: it is refused before anything is made of it. */
function fromSnappy(body: Buffer, bytesMax: number, hold: Hold): Buffer {
  try {
    const size = snappySize(body);
    if (size > bytesMax) throw tooLarge(bytesMax);
    hold.add(size);
    return unsnapped(body);
  } catch (error) {
    if (!(error instanceof NotSnappy)) throw error;
    throw new Refusal(400, "compression", `The body is no block of Snappy: ${error.message}.`);
  }
}

/** On the thread pool, for a body that is larger than what is inflated at once. */
function inflateLater(
  codec: Codec,
  body: Buffer,
  encoding: string,
  bytesMax: number,
  hold: Hold,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = codec.stream();
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: unknown) => {
      stream.destroy();
      chunks.length = 0;
      hold.drop(size);
      size = 0;
      reject(error instanceof Refusal ? error : damaged(encoding));
    };
    stream.on("data", (chunk: Buffer) => {
      try {
        if (size + chunk.length > bytesMax) throw tooLarge(bytesMax);
        hold.add(chunk.length);
        size += chunk.length;
        chunks.push(chunk);
      } catch (error) {
        stop(error);
      }
    });
    stream.once("error", stop);
    stream.once("end", () => resolve(Buffer.concat(chunks, size)));
    stream.end(body);
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
