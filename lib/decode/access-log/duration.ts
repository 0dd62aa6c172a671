/** Go's way to write a duration (`629ms`, `1.947s`, `1m2.5s`, `350µs`) as integer microseconds; null for other text. */
export function goDurationUs(text: string): number | null {
  if (!whole.test(text)) return null;
  let sum = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(part))
    sum += Number(amount) * (unitsUs[unit] ?? 0);
  return Math.round(sum);
}

const part = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g;
const whole = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/;
const unitsUs: Readonly<Record<string, number>> = {
  ns: 0.001,
  us: 1,
  µs: 1,
  μs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};
