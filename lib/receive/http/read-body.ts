import type { Readable } from "node:stream";

import { freeBytes } from "#lib/core/free-bytes.ts";

import type { Hold } from "../held-bytes.ts";
import { Refusal, SenderGone } from "./refusal.ts";

/** Of a body whose sender says its size, this much is believed; the room grows with what comes. */
const roomMax = 1 << 20;
const roomUsual = 1 << 16;

export interface BodySize {
  /** A larger body is refused. */
  readonly bytesMax: number;
  /** What the sender says, who may say it in the first chunk; null for nothing. */
  readonly bytesSaid: (first: Buffer) => number | null;
}

/** The whole body as it came over the wire; refused as soon as it is seen to be larger than allowed. */
export function readBody(request: Readable, size: BodySize, hold: Hold): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new Arriving(size);
    let whole = false;
    const stop = (error: Error) => {
      request.removeAllListeners("data");
      body.drop();
      // What still comes is read and thrown away, or the sender would never see the answer.
      request.resume();
      reject(error);
    };
    if (request.destroyed) return stop(new SenderGone());
    request.on("data", (chunk: Buffer) => {
      if (body.length + chunk.length > size.bytesMax) return stop(tooLarge(size.bytesMax));
      try {
        hold.add(chunk.length);
      } catch (error) {
        return stop(error instanceof Error ? error : new Error(String(error)));
      }
      body.add(chunk);
    });
    request.on("end", () => {
      whole = true;
      resolve(body.bytes());
    });
    request.on("error", () => stop(new SenderGone()));
    request.on("close", () => {
      if (!whole) stop(new SenderGone());
    });
  });
}

/**
 * A body in one buffer from its first byte on: chunks that waited for the last one would grow old, and old buffers
 * are collected late. What is copied out of them is free soon.
 */
class Arriving {
  readonly #size: BodySize;
  #room: Buffer = none;
  length = 0;

  constructor(size: BodySize) {
    this.#size = size;
  }

  add(chunk: Buffer): void {
    if (this.length === 0) this.#room = this.#roomFor(chunk);
    const end = this.length + chunk.length;
    if (end > this.#room.length) this.#grow(end);
    if (this.#room !== chunk) {
      this.#room.set(chunk, this.length);
      freeBytes(chunk);
    }
    this.length = end;
  }

  bytes(): Buffer {
    return this.#room.subarray(0, this.length);
  }

  drop(): void {
    this.#room = none;
    this.length = 0;
  }

  /** A body that came in one piece needs no other room. */
  #roomFor(first: Buffer): Buffer {
    const said = this.#size.bytesSaid(first) ?? roomUsual;
    if (said === first.length) return first;
    return Buffer.allocUnsafeSlow(Math.min(said, this.#size.bytesMax, roomMax));
  }

  #grow(end: number): void {
    const old = this.#room;
    this.#room = Buffer.allocUnsafeSlow(
      Math.min(Math.max(end, 2 * old.length), this.#size.bytesMax),
    );
    this.#room.set(old.subarray(0, this.length));
    freeBytes(old);
  }
}

const none = Buffer.alloc(0);

/** The body is larger than any that is taken. */
export function tooLarge(bytesMax: number): Refusal {
  return new Refusal(
    413,
    "too_large",
    `The body is larger than ${bytesMax} bytes, before or after decompression; send smaller batches.`,
  );
}
