import type { Hold } from "../held-bytes.ts";
import { decompressed } from "../http/decompress.ts";
import { tooLarge } from "../http/read-body.ts";
import { Refusal } from "../http/refusal.ts";

/** Before a message stand whether it is compressed, and its length in four bytes. */
export const prefixBytes = 5;

/** How many bytes a unary call has, as its first ones say; null when too few of them came. */
export function callBytesOf(first: Buffer): number | null {
  return first.length < prefixBytes ? null : prefixBytes + first.readUInt32BE(1);
}

/** The one message of a unary call, inflated, which `hold` then counts too; throws a Refusal when the call does not hold exactly one. */
export async function messageOf(
  call: Buffer,
  encoding: string | null,
  bytesMax: number,
  hold: Hold,
): Promise<Buffer> {
  if (call.length < prefixBytes || call.readUInt32BE(1) !== call.length - prefixBytes) {
    throw new Refusal(500, "framing", "The call does not hold exactly one gRPC message.");
  }
  const message = call.subarray(prefixBytes);
  if (message.length > bytesMax) throw tooLarge(bytesMax);
  if (call[0] === 0) return message;
  if (encoding === null) {
    throw new Refusal(
      500,
      "framing",
      "The message is compressed, but grpc-encoding does not say how.",
    );
  }
  return decompressed(message, encoding, bytesMax, hold);
}

/** A message with its prefix, not compressed. */
export function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const unitMs = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1_000],
  ["m", 1],
  ["u", 0.001],
  ["n", 0.000_001],
]);

/** How long the sender waits for the answer; null when it does not say. */
export function timeoutMsOf(header: string | undefined): number | null {
  const { amount, unit } = /^(?<amount>\d{1,8})(?<unit>[HMSmun])$/.exec(header ?? "")?.groups ?? {};
  const scale = unitMs.get(unit ?? "");
  return scale === undefined ? null : Number(amount) * scale;
}
