import type { SloAnswer } from "#lib/contract/slos.ts";
import type { Window } from "#lib/core/bucket.ts";

/** What the chart of a budget draws, in a box of 100 by 100 whose origin is the upper left. */
export interface BurnDown {
  /** The period that the budget is for; of a calendar period what is still to come, too. */
  readonly window: Window;
  /** One path for each measured stretch. */
  readonly remaining: readonly string[];
  readonly even: string;
  /** Where nothing is left. */
  readonly zeroY: number;
  /** The lowest value shown: 0, or less when more than the budget was spent. */
  readonly lowest: number;
  /** Where each point stands. */
  readonly xs: readonly number[];
}

/** Decides the scale and the lines of a budget over its period. Nothing is clamped: overspending stretches the scale. */
export function prepareBurnDown(points: SloAnswer["burnDown"], window: Window): BurnDown {
  const lowest = Math.min(0, ...points.map(({ remaining }) => remaining ?? 0));
  const spanMs = Math.max(1, window.toMs - window.fromMs);
  const y = (value: number): number => round((100 * (1 - value)) / (1 - lowest));
  const xs = points.map(({ at }) => round((100 * (Date.parse(at) - window.fromMs)) / spanMs));
  // Nothing is spent where the period begins.
  const stretches: string[][] = [["0 0"]];
  for (const [index, { remaining }] of points.entries()) {
    if (remaining === null) stretches.push([]);
    else stretches.at(-1)?.push(`${xs[index]} ${y(remaining)}`);
  }
  return {
    window,
    remaining: stretches.filter((stretch) => stretch.length > 0).map(pathOf),
    even: `M0 0L100 ${y(0)}`,
    zeroY: y(0),
    lowest,
    xs,
  };
}

/** The point next to a place between 0 and 1 of the chart's width; null when there is none. */
export function pointAt({ xs }: Pick<BurnDown, "xs">, share: number): number | null {
  let nearest: number | null = null;
  let distance = Infinity;
  for (const [index, x] of xs.entries()) {
    if (Math.abs(x - share * 100) >= distance) continue;
    distance = Math.abs(x - share * 100);
    nearest = index;
  }
  return nearest;
}

function pathOf(places: readonly string[]): string {
  // A single point is drawn as a line of no length, which round caps make a dot.
  return places.length === 1 ? `M${places[0]}L${places[0]}` : `M${places.join("L")}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
