/** What a trend in a table cell draws, in a box of 100 by 100 whose origin is the upper left. */
export interface Sparkline {
  /** One path per stretch without a gap. */
  readonly lines: readonly string[];
  readonly areas: readonly string[];
  /** Points whose neighbors were not measured; a line could not show them. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly measured: number;
  readonly max: number | null;
  readonly last: number | null;
}

type Point = readonly [timeMs: number, value: number | null];

/**
 * Decides the shape of a trend. Missing values are gaps, never zeros, and no value is invented between them.
 * The scale starts at 0 and ends at the greatest value, but not below `scaleMin`, so that noise looks like noise.
 */
export function prepareSparkline(points: readonly Point[], scaleMin: number): Sparkline {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  const max = values.length === 0 ? null : Math.max(...values);
  const top = Math.max(max ?? 0, scaleMin);
  const place = (index: number, value: number) => ({
    x: round(points.length < 2 ? 50 : (index / (points.length - 1)) * 100),
    y: round(100 - (top === 0 ? 0 : value / top) * 100),
  });
  const stretches = measuredStretches(points).map((stretch) =>
    stretch.map(({ index, value }) => place(index, value)),
  );
  const long = stretches.filter((stretch) => stretch.length > 1);
  return {
    lines: long.map(linePath),
    areas: long.map(areaPath),
    dots: stretches.flatMap((stretch) => (stretch.length === 1 ? stretch : [])),
    measured: values.length,
    max,
    last: values.at(-1) ?? null,
  };
}

/** The runs of neighboring points that were all measured. */
export function measuredStretches(
  points: readonly Point[],
): { readonly index: number; readonly value: number }[][] {
  const stretches: { index: number; value: number }[][] = [];
  let open = false;
  for (const [index, [, value]] of points.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    if (open) stretches.at(-1)?.push({ index, value });
    else stretches.push([{ index, value }]);
    open = true;
  }
  return stretches;
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A line through spots, as an SVG path. */
export function linePath(spots: readonly Spot[]): string {
  return spots.map(({ x, y }, place) => `${place === 0 ? "M" : "L"}${x} ${y}`).join("");
}

function areaPath(spots: readonly Spot[]): string {
  return `${linePath(spots)}L${spots.at(-1)?.x ?? 0} 100L${spots[0]?.x ?? 0} 100Z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
