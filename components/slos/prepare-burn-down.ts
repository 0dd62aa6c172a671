import type { SloAnswer } from "#lib/contract/slos.ts";

/** What the chart of a budget draws, in a box of 100 by 100 whose origin is the upper left. */
export interface BurnDown {
  /** One path for each measured stretch. */
  readonly remaining: readonly string[];
  readonly even: string;
  /** Where nothing is left. */
  readonly zeroY: number;
  /** The lowest value shown: 0, or less when more than the budget was spent. */
  readonly lowest: number;
}

/** Decides the scale and the lines of a budget over time. Nothing is clamped: overspending stretches the scale. */
export function prepareBurnDown(points: SloAnswer["burnDown"]): BurnDown {
  const lowest = Math.min(0, ...points.map(({ remaining }) => remaining ?? 0));
  const y = (value: number): number => round((100 * (1 - value)) / (1 - lowest));
  const x = (index: number): number => round((100 * index) / Math.max(1, points.length - 1));
  const stretches: string[][] = [[]];
  for (const [index, { remaining }] of points.entries()) {
    if (remaining === null) stretches.push([]);
    else stretches.at(-1)?.push(`${x(index)} ${y(remaining)}`);
  }
  return {
    remaining: stretches.filter((stretch) => stretch.length > 0).map(pathOf),
    even: pathOf(points.map(({ even }, index) => `${x(index)} ${y(even)}`)),
    zeroY: y(0),
    lowest,
  };
}

function pathOf(places: readonly string[]): string {
  // A single point is drawn as a line of no length, which round caps make a dot.
  return places.length === 1 ? `M${places[0]}L${places[0]}` : `M${places.join("L")}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
