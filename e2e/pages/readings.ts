/** A duration as pages write it (`81.2 ms`), in milliseconds, and half a unit of its last digit. */
function durationOf(text: string): { readonly ms: number; readonly halfDigitMs: number } {
  const parts = /^(?<number>[\d.,]+)\s*(?<unit>µs|ms|s|min)$/u.exec(text.trim())?.groups;
  const factor = factors[parts?.["unit"] ?? ""];
  const number = parts?.["number"]?.replaceAll(",", "");
  if (factor === undefined || number === undefined) throw new Error(`"${text}" is no duration.`);
  const decimals = number.split(".")[1]?.length ?? 0;
  return { ms: Number(number) * factor, halfDigitMs: (factor * 10 ** -decimals) / 2 };
}

const factors: Readonly<Record<string, number>> = { µs: 0.001, ms: 1, s: 1_000, min: 60_000 };

/** The exact percentile of values, by nearest rank. */
export function exactPercentile(values: readonly number[], thousandths: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((thousandths * sorted.length) / 1_000));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error("No values.");
  return value;
}

/** Whether a duration on a page is within one percent of the exact one, but for the digits that it does not show. */
export function isWithinOnePercent(text: string, exactMs: number): boolean {
  const { ms, halfDigitMs } = durationOf(text);
  return Math.abs(ms - exactMs) <= exactMs * 0.01 + halfDigitMs;
}
