/** A decimal number of seconds as integer microseconds, rounded; null for anything else, such as `-`. */
export function secondsUs(text: string | undefined): number | null {
  return scaled(text, 6);
}

/** A decimal number of milliseconds as integer microseconds, rounded; null for anything else. */
export function millisecondsUs(text: string | undefined): number | null {
  return scaled(text, 3);
}

/** A whole number that is not negative; null for anything else. */
export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || text.length > lengthMax) return null;
  const value = digitsValue(text, 0, text.length);
  return value < 0 ? null : value;
}

/** A status as it was logged; `000`, `0` and `-1` stand for nothing sent. */
export function statusOf(text: string | undefined): number | null {
  const status = wholeNumber(text);
  return status === 0 ? null : status;
}

const zero = 48;
/** As many digits as an integer holds exactly. */
const lengthMax = 15;

/** Reads `12.345` by its digits: going through a float would round twice. */
function scaled(text: string | undefined, decimals: number): number | null {
  if (text === undefined || text.length > lengthMax) return null;
  const point = text.indexOf(".");
  if (point < 0) return scaledBy(digitsValue(text, 0, text.length), decimals);
  const whole = scaledBy(digitsValue(text, 0, point), decimals);
  const places = text.length - point - 1;
  const fraction = digitsValue(text, point + 1, text.length);
  if (whole === null || fraction < 0) return null;
  const part =
    places <= decimals
      ? fraction * powers(decimals - places)
      : fraction / powers(places - decimals);
  return whole + Math.round(part);
}

function scaledBy(value: number, decimals: number): number | null {
  return value < 0 ? null : value * powers(decimals);
}

function powers(exponent: number): number {
  return powersOfTen[exponent] ?? 10 ** exponent;
}

const powersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;

/** The digits of a part of the text as a number; -1 when it is empty or holds anything else. */
function digitsValue(text: string, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
