import { catalogue, windowSuffixes } from "./metrics.ts";

/** The metric whose name is most like a mistyped one; null when none is near. */
export function nearestMetric(name: string): string | null {
  let nearest: string | null = null;
  let nearestDistance = Math.min(5, Math.ceil(name.length / 3) + 1);
  for (const candidate of candidates()) {
    const distance = distanceOf(name, candidate);
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

let names: readonly string[] | null = null;

function candidates(): readonly string[] {
  names ??= catalogue().flatMap(({ name, windowed }) =>
    windowed ? windowSuffixes.map((suffix) => `${name}_${suffix}`) : [name],
  );
  return names;
}

/** Levenshtein's distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
