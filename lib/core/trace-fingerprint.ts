import type { Bits64 } from "./exchange.ts";

/** Bits of a fingerprint: with the mark of an exchange beside it, an entry of a block is five whole bytes. */
export const fingerprintBits = 39;

/**
 * What a trace is found by: 39 bits of the hash of its id, given as its two halves. The halves are mixed first
 * (one to one, three rounds of a Feistel network), so that ids that count up or share a prefix spread evenly.
 * Two traces may share a fingerprint: whoever finds a block by it looks for the whole id there.
 */
export function traceFingerprint(high: number, low: number): number {
  let left = high | 0;
  let right = low | 0;
  left ^= scrambled(right ^ 0x2545_f491);
  right ^= scrambled(left ^ 0x4f6c_dd1d);
  left ^= scrambled(right ^ 0x9e37_79b9);
  return (left >>> 0) * 128 + (right >>> 25);
}

/** Of a hash in the form of Postgres' signed bigint in decimal. */
export function fingerprintOfHash(hash: string): number {
  const { high, low } = halvesOf(BigInt(hash));
  return traceFingerprint(high, low);
}

function halvesOf(hash: bigint): Bits64 {
  const bits = BigInt.asUintN(64, hash);
  return { high: Number(bits >> 32n), low: Number(bits & 0xffff_ffffn) };
}

/** The last steps of MurmurHash3: every bit of the answer depends on every bit of the word. */
function scrambled(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
