import { notMeasured, numberFormat } from "./number.ts";

const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A size in bytes with three significant digits and SI units (1 kB is 1,000 B). */
export function formatBytes(bytes: number | null, locale: string): string {
  if (bytes === null) return notMeasured;
  let value = bytes;
  let place = 0;
  while (value >= 999.5 && place < units.length - 1) {
    value /= 1_000;
    place += 1;
  }
  return `${numberFormat(locale, { maximumSignificantDigits: 3 }).format(value)}\u00A0${units[place] ?? ""}`;
}
