import { notMeasured, numberFormat } from "./number.ts";

/** A latency or duration in milliseconds with three significant digits, in µs, ms, s, min or h. */
export function formatDuration(ms: number | null, locale: string): string {
  if (ms === null) return notMeasured;
  const size = Math.abs(ms);
  if (size === 0) return unit(0, "millisecond", locale);
  // 999.5 of a unit would round to 1,000 of it: it already belongs to the next.
  if (size < 0.9995) return unit(ms * 1_000, "microsecond", locale);
  if (size < 999.5) return unit(ms, "millisecond", locale);
  if (size < 59_950) return unit(ms / 1_000, "second", locale);
  if (size < 3_597_000) return unit(ms / 60_000, "minute", locale);
  return unit(ms / 3_600_000, "hour", locale);
}

/** The width of a bucket, given in whole seconds: `30 sec`, `5 min`, `1 hr`, `1 day`. */
export function formatStep(seconds: number, locale: string): string {
  if (seconds % 86_400 === 0) return unit(seconds / 86_400, "day", locale);
  if (seconds % 3_600 === 0) return unit(seconds / 3_600, "hour", locale);
  if (seconds % 60 === 0) return unit(seconds / 60, "minute", locale);
  return unit(seconds, "second", locale);
}

type Unit = "microsecond" | "millisecond" | "second" | "minute" | "hour" | "day";

function unit(value: number, name: Unit, locale: string): string {
  return numberFormat(locale, {
    style: "unit",
    unit: name,
    // The short English "sec" and "hr" read worse than SI's own symbols.
    unitDisplay: name === "second" || name === "hour" ? "narrow" : "short",
    maximumSignificantDigits: 3,
  })
    .format(value)
    .replace(/(?<=\d)(?=[a-zµμ])/u, "\u00A0");
}
