/** A measured value in words, as it stands in messages: `3.2 %`, `1.24 s`, `250 ms`. */
export function valueText(
  value: number | null,
  unit: "ratio" | "seconds" | "count" | "perSecond" | "bytes" | "factor",
): string {
  if (value === null) return "not measured";
  switch (unit) {
    case "ratio":
      return `${digits(value * 100)} %`;
    case "seconds":
      return secondsText(value);
    case "count":
      return digits(value);
    case "perSecond":
      return `${digits(value)}/s`;
    case "bytes":
      return `${digits(value)} B`;
    case "factor":
      return `${digits(value)}x`;
    default:
      return unit satisfies never;
  }
}

function secondsText(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 1) return `${digits(seconds * 1000)} ms`;
  if (size < 120) return `${digits(seconds)} s`;
  if (size < 7_200) return `${digits(seconds / 60)} min`;
  return size < 172_800 ? `${digits(seconds / 3_600)} h` : `${digits(seconds / 86_400)} d`;
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return Math.abs(value) >= 1_000
    ? String(Math.round(value))
    : String(Number(value.toPrecision(3)));
}
