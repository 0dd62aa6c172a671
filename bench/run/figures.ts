/** Measured values by name; the names end with their units. */
export type Figures = Readonly<Record<string, number>>;

/** A value that as large a share of the values does not exceed; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The median of each figure over the runs that have it: not the figures of one run. Of an even number, the mean of the middle two. */
export function medianOf(runs: readonly Figures[]): Figures {
  const names = new Set(runs.flatMap((run) => Object.keys(run)));
  return Object.fromEntries(
    [...names].map((name) => [name, middle(runs.flatMap((run) => run[name] ?? []))]),
  );
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return (low + high) / 2;
}

/** One figure a line, with the lowest and the highest of the runs. */
export function tableOf(runs: readonly Figures[]): string {
  const median = medianOf(runs);
  const width = Math.max(...Object.keys(median).map((name) => name.length));
  return Object.entries(median)
    .map(([name, value]) => {
      const all = runs.flatMap((run) => run[name] ?? []);
      const spread = `${shown(Math.min(...all))} to ${shown(Math.max(...all))}`;
      return `  ${name.padEnd(width)}  ${shown(value).padStart(9)}  (${spread})`;
    })
    .join("\n");
}

/** Three digits that count. */
export function shown(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
