import type { Bits64 } from "#lib/core/exchange.ts";

/** The last 8 bytes of a trace id in hexadecimal; null when it is none, or all zero. */
export function traceHashOf(traceId: string): Bits64 | null {
  if (traceId.length < 16) return null;
  const high = halfOf(traceId, traceId.length - 16);
  const low = halfOf(traceId, traceId.length - 8);
  if (high === null || low === null || (high === 0 && low === 0)) return null;
  return { high, low };
}

/** Eight hexadecimal digits as an unsigned number; null when one is none. */
function halfOf(text: string, from: number): number | null {
  let value = 0;
  for (let at = from; at < from + 8; at += 1) {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit < 0) return null;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
