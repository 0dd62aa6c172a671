import type { Readable } from "node:stream";

import type { Hold } from "../held-bytes.ts";
import { Refusal, SenderGone } from "./refusal.ts";

/** The whole body as it came over the wire; refused as soon as it is seen to be larger than allowed. */
export function readBody(request: Readable, bytesMax: number, hold: Hold): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let whole = false;
    const stop = (error: Error) => {
      request.removeAllListeners("data");
      chunks.length = 0;
      // What still comes is read and thrown away, or the sender would never see the answer.
      request.resume();
      reject(error);
    };
    if (request.destroyed) return stop(new SenderGone());
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytesMax) return stop(tooLarge(bytesMax));
      try {
        hold.add(chunk.length);
      } catch (error) {
        return stop(error instanceof Error ? error : new Error(String(error)));
      }
      chunks.push(chunk);
    });
    request.on("end", () => {
      whole = true;
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    });
    request.on("error", () => stop(new SenderGone()));
    request.on("close", () => {
      if (!whole) stop(new SenderGone());
    });
  });
}

/** The body is larger than any that is taken. */
export function tooLarge(bytesMax: number): Refusal {
  return new Refusal(
    413,
    "too_large",
    `The body is larger than ${bytesMax} bytes, before or after decompression; send smaller batches.`,
  );
}
