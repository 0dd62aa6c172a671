const cache = new Map<string, Intl.NumberFormat>();

/** What stands where nothing was measured; never a 0. */
export const notMeasured = "–";

/** A count: exact below 10,000, else three significant digits with the locale's compact word (`12.3K`). */
export function formatCount(value: number | null, locale: string): string {
  if (value === null) return notMeasured;
  return Math.abs(value) < 10_000
    ? numberFormat(locale, { maximumFractionDigits: 0 }).format(value)
    : numberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** A count with all its digits, for tooltips and labels. */
export function formatExact(value: number | null, locale: string): string {
  return value === null ? notMeasured : numberFormat(locale, {}).format(value);
}

/** A number of any size with four significant digits, for what is no count. */
export function formatNumber(value: number | null, locale: string): string {
  if (value === null) return notMeasured;
  const notation = Math.abs(value) < 10_000 ? "standard" : "compact";
  return numberFormat(locale, { notation, maximumSignificantDigits: 4 }).format(value);
}

/** Events per second with three significant digits and the unit: `3.21/s`. */
export function formatRate(perSecond: number | null, locale: string): string {
  if (perSecond === null) return notMeasured;
  const options: Intl.NumberFormatOptions =
    perSecond >= 10_000
      ? { notation: "compact", maximumSignificantDigits: 3 }
      : { maximumSignificantDigits: 3 };
  return `${numberFormat(locale, options).format(perSecond)}/s`;
}

/** A share between 0 and 1 as percent; one that is not zero never reads as zero, nor an incomplete one as 100 %. */
export function formatRatio(value: number | null, locale: string): string {
  if (value === null) return notMeasured;
  if (value > 0 && value < 0.0001) return `<${percent(0.0001, 2, locale)}`;
  if (value < 1 && value > 0.9999) return `>${percent(0.9999, 2, locale)}`;
  if (value === 0 || value === 1) return percent(value, 0, locale);
  return percent(value, value < 0.01 || value > 0.99 ? 2 : 1, locale);
}

/** A share as the mark of an axis: round, so without places it does not need. */
export function formatRatioMark(value: number, locale: string): string {
  return numberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(value);
}

/** Makes a formatter once per locale and options: constructing one is slow. */
export function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale}\n${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, options);
  cache.set(key, made);
  return made;
}

function percent(value: number, fractionDigits: number, locale: string): string {
  return numberFormat(locale, {
    style: "percent",
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  }).format(value);
}
