/** A 64-bit number as protobuf writes it: two unsigned halves, negative ones in two's complement. */
export interface Halves {
  readonly high: number;
  readonly low: number;
}

const decimal = /^(-?)0*(\d{1,20})$/;
const uint64Max = "18446744073709551615";
const int64Max = "9223372036854775807";
const int64Min = "9223372036854775808";

/** The unsigned 64-bit number that the digits write, exactly; null when they write none. */
export function uint64Of(digits: string): Halves | null {
  const [, sign, magnitude] = decimal.exec(digits) ?? [];
  if (sign !== "" || magnitude === undefined) return null;
  return isAbove(magnitude, uint64Max) ? null : halvesOf(magnitude);
}

/** The signed 64-bit number that the digits write, exactly; null when they write none. */
export function int64Of(digits: string): Halves | null {
  const [, sign, magnitude] = decimal.exec(digits) ?? [];
  if (magnitude === undefined) return null;
  if (sign === "") return isAbove(magnitude, int64Max) ? null : halvesOf(magnitude);
  return isAbove(magnitude, int64Min) ? null : negated(halvesOf(magnitude));
}

/** Both are digits without leading zeros. */
function isAbove(digits: string, limit: string): boolean {
  return digits.length === limit.length ? digits > limit : digits.length > limit.length;
}

function halvesOf(digits: string): Halves {
  const upper = Number(digits.slice(0, -9));
  const lower = Number(digits.slice(-9));
  const low = (Math.imul(upper, 1e9) + lower) >>> 0;
  // The product may be off by some thousands, far less than the 2^32 that the quotient is rounded to.
  const high = Math.round((upper * 1e9 + lower - low) / 2 ** 32);
  return { high, low };
}

function negated({ high, low }: Halves): Halves {
  const flipped = (~low + 1) >>> 0;
  return { high: (~high + (flipped === 0 ? 1 : 0)) >>> 0, low: flipped };
}
