import { byteAt } from "#lib/decode/bytes.ts";

const [dash, point, zero] = [45, 46, 48];
/** As many digits as an integer holds exactly. */
const lengthMax = 15;
const powersOfTen = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1] as const;

/** What `plain` readers give for a value that is not as usual, so that its line has to be read as text. */
export const notPlain = -2;
/** What they give for a value that is empty or a dash. */
export const notMeasured = -1;

/** Whether a value is empty, a dash, or none that the line has. */
export function isMissingAt(bytes: Buffer, start: number, end: number): boolean {
  return start < 0 || start === end || (end === start + 1 && bytes[start] === dash);
}

/** A whole number. */
export function wholeAt(bytes: Buffer, start: number, end: number): number {
  if (isMissingAt(bytes, start, end)) return notMeasured;
  return end - start > lengthMax ? notPlain : digitsAt(bytes, start, end);
}

/** Seconds with up to six decimals, as microseconds. */
export function secondsUsAt(bytes: Buffer, start: number, end: number): number {
  if (isMissingAt(bytes, start, end)) return notMeasured;
  if (end - start > lengthMax) return notPlain;
  let at = start;
  while (at < end && bytes[at] !== point) at += 1;
  const whole = digitsAt(bytes, start, at);
  if (at === end || whole < 0) return whole < 0 ? notPlain : whole * 1_000_000;
  const scale = powersOfTen[end - at - 1];
  const fraction = digitsAt(bytes, at + 1, end);
  return scale === undefined || fraction < 0 ? notPlain : whole * 1_000_000 + fraction * scale;
}

function digitsAt(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = byteAt(bytes, at) - zero;
    if (digit < 0 || digit > 9) return notPlain;
    value = value * 10 + digit;
  }
  return start === end ? notPlain : value;
}
