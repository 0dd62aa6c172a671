import { promisify } from "node:util";
import zlib from "node:zlib";

/** What the bodies of a tail may be compressed with. */
export const compressions = ["zstd", "gzip", "none"] as const;
export type Compression = (typeof compressions)[number];

const zstd = promisify(zlib.zstdCompress);
const gzip = promisify(zlib.gzip);

/** The bytes as they are sent; compressed off the main thread. */
export function compressed(
  bytes: Buffer<ArrayBuffer>,
  compression: Compression,
): Promise<Buffer<ArrayBuffer>> {
  if (compression === "zstd") return zstd(bytes);
  // The machine is a proxy's first of all: most of the gain for little of its time.
  if (compression === "gzip") return gzip(bytes, { level: 1 });
  return Promise.resolve(bytes);
}
