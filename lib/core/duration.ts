const unitSeconds = new Map(
  Object.entries({ ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }),
);

const whole = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;

/** The seconds that a text such as `5m`, `1.5h` or `250ms` means; null when it means none. */
export function secondsOf(text: string): number | null {
  const [, amount, unit = ""] = whole.exec(text) ?? [];
  const factor = unitSeconds.get(unit);
  if (factor === undefined) return null;
  return Number((Number(amount) * factor).toPrecision(15));
}

/** A number of seconds in its largest whole unit: 300 is `5m`, 90 is `90s`. */
export function durationText(seconds: number): string {
  if (seconds === 0) return "0s";
  const units = ["d", "h", "m", "s"] as const;
  const unit = units.find((name) => seconds % (unitSeconds.get(name) ?? 1) === 0) ?? "ms";
  return `${Number((seconds / (unitSeconds.get(unit) ?? 1)).toPrecision(12))}${unit}`;
}
