const unitSeconds = new Map(
  Object.entries({ ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }),
);

const part = String.raw`(\d+(?:\.\d+)?)(ms|s|m|h|d|w)`;
const whole = new RegExp(`^(?:${part})+$`);

/** The seconds that a text such as `5m`, `1h30m` or `250ms` means, the longest unit first; null when it means none. */
export function secondsOf(text: string): number | null {
  if (!whole.test(text)) return null;
  let seconds = 0;
  let before = Infinity;
  for (const [, amount, unit = ""] of text.matchAll(new RegExp(part, "g"))) {
    const factor = unitSeconds.get(unit) ?? 0;
    if (factor >= before) return null;
    before = factor;
    seconds += Number(amount) * factor;
  }
  return Number(seconds.toPrecision(15));
}

/** A number of whole seconds as people write it: 5400 is `1h30m`. */
export function spanText(seconds: number): string {
  let rest = seconds;
  const parts = (["d", "h", "m", "s"] as const).map((unit) => {
    const size = unitSeconds.get(unit) ?? 1;
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? "" : `${amount}${unit}`;
  });
  return parts.join("") || "0s";
}

/** A number of seconds in its largest whole unit: 300 is `5m`, 90 is `90s`. */
export function durationText(seconds: number): string {
  if (seconds === 0) return "0s";
  const units = ["d", "h", "m", "s"] as const;
  const unit = units.find((name) => seconds % (unitSeconds.get(name) ?? 1) === 0) ?? "ms";
  return `${Number((seconds / (unitSeconds.get(unit) ?? 1)).toPrecision(12))}${unit}`;
}
