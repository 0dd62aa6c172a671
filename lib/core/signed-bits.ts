import type { Bits64 } from "./exchange.ts";

/** 64 bits as the decimal text of Postgres' signed bigint. */
export function signed(bits: Bits64): string {
  return BigInt.asIntN(64, (BigInt(bits.high) << 32n) | BigInt(bits.low)).toString();
}
