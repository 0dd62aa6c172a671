import { bucketsMax } from "#lib/core/metric-histogram.ts";
import type { MetricHistogram } from "#lib/core/metric.ts";

import { attributeText } from "./attribute-text.ts";
import type { Cursor } from "./cursor.ts";
import type { PointRejection } from "./point-rejections.ts";
import {
  addNumbers,
  doubleAt,
  type ExponentialBuckets,
  histogramOfExplicit,
  histogramOfExponential,
  microsecondsAt,
  numbersMax,
  signedAt,
  unsignedAt,
  zigzag,
} from "./point-values.ts";

/** One number that a data point holds. */
export interface Reading {
  readonly value: number;
  readonly histogram: MetricHistogram | null;
  /** Which part of a summary it is. */
  readonly part: { readonly quantile: number } | { readonly suffix: "sum" | "count" } | null;
}

export interface DataPoint {
  /** Epoch microseconds; 0 when it was not said. */
  readonly atUs: number;
  readonly startUs: number | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** None when the sender says that nothing was recorded. */
  readonly readings: readonly Reading[];
  readonly fault: PointRejection | null;
}

type Read = (cursor: Cursor) => void;

/** The flag that says that a series has ended and the point holds nothing. */
const noRecordedValue = 1;

/** What every kind of data point has; `attributesTag` and `flagsTag` differ. */
class Common {
  atUs = 0;
  startUs: number | null = null;
  flags = 0;
  readonly #attributes = new Map<string, string>();

  /** Reads every field of the point that the cursor is in. */
  read(
    cursor: Cursor,
    own: { readonly attributes: number; readonly flags: number },
    fields: ReadonlyMap<number, Read>,
  ): void {
    while (cursor.next()) {
      const read = fields.get(cursor.tag) ?? this.#fieldOf(cursor.tag, own);
      if (read === null) cursor.skip();
      else read(cursor);
    }
  }

  point(readings: readonly Reading[] | PointRejection): DataPoint {
    const { atUs, startUs } = this;
    const common = { atUs, startUs, attributes: Object.fromEntries(this.#attributes) };
    if ((this.flags & noRecordedValue) !== 0) return { ...common, readings: [], fault: null };
    if (typeof readings === "string") return { ...common, readings: [], fault: readings };
    return { ...common, readings, fault: null };
  }

  #fieldOf(tag: number, own: { readonly attributes: number; readonly flags: number }): Read | null {
    if (tag === own.attributes) return (cursor) => this.#addAttribute(cursor);
    if (tag === own.flags) return (cursor) => void (this.flags = cursor.varint() % 2);
    if (tag === startTag) return (cursor) => void (this.startUs = microsecondsAt(cursor) || null);
    if (tag === timeTag) return (cursor) => void (this.atUs = microsecondsAt(cursor));
    return null;
  }

  #addAttribute(cursor: Cursor): void {
    const outer = cursor.enter();
    const { key, text } = attributeText(cursor);
    // One more than is taken is enough to see that they are too many.
    if (this.#attributes.size <= attributesMax) this.#attributes.set(key, text);
    cursor.leave(outer);
  }
}

/** Attributes of a data point that is taken. */
export const attributesMax = 64;

const startTag = 0x11;
const timeTag = 0x19;

/** A NumberDataPoint: of a gauge or a sum. */
export function numberPoint(cursor: Cursor): DataPoint {
  const common = new Common();
  let value = Number.NaN;
  common.read(
    cursor,
    { attributes: 0x3a, flags: 0x40 },
    new Map<number, Read>([
      [0x21, () => void (value = doubleAt(cursor))],
      [0x31, () => void (value = signedAt(cursor))],
    ]),
  );
  return common.point(Number.isFinite(value) ? [{ value, histogram: null, part: null }] : "value");
}

/** A HistogramDataPoint. */
export function explicitPoint(cursor: Cursor): DataPoint {
  const common = new Common();
  const counts: number[] = [];
  const bounds: number[] = [];
  let count = 0;
  let sum: number | null = null;
  const addCounts = (): void => addNumbers(cursor, 0x32, counts, unsignedAt);
  const addBounds = (): void => addNumbers(cursor, 0x3a, bounds, doubleAt);
  common.read(
    cursor,
    { attributes: 0x4a, flags: 0x50 },
    new Map<number, Read>([
      [0x21, () => void (count = unsignedAt(cursor))],
      [0x29, () => void (sum = finiteOrNull(doubleAt(cursor)))],
      [0x32, addCounts],
      [0x31, addCounts],
      [0x3a, addBounds],
      [0x39, addBounds],
    ]),
  );
  if (counts.length > bucketsMax) return common.point("histogram");
  const histogram = histogramOfExplicit(bounds, counts, count, sum);
  return common.point(histogram === null ? "histogram" : [{ value: count, histogram, part: null }]);
}

/** An ExponentialHistogramDataPoint. */
export function exponentialPoint(cursor: Cursor): DataPoint {
  const common = new Common();
  let [count, scale, zeroCount] = [0, 0, 0];
  let sum: number | null = null;
  let positive: ExponentialBuckets = noBuckets;
  let negative: ExponentialBuckets = noBuckets;
  common.read(
    cursor,
    { attributes: 0x0a, flags: 0x50 },
    new Map<number, Read>([
      [0x21, () => void (count = unsignedAt(cursor))],
      [0x29, () => void (sum = finiteOrNull(doubleAt(cursor)))],
      [0x30, () => void (scale = zigzag(cursor))],
      [0x39, () => void (zeroCount = unsignedAt(cursor))],
      [0x42, () => void (positive = bucketsOf(cursor))],
      [0x4a, () => void (negative = bucketsOf(cursor))],
    ]),
  );
  if (positive.counts.length > numbersMax || negative.counts.length > numbersMax) {
    return common.point("histogram");
  }
  const histogram = histogramOfExponential({ scale, zeroCount, sum, positive, negative });
  const counted = histogram?.counts.reduce((total, one) => total + one, 0);
  if (histogram === null || counted !== count) return common.point("histogram");
  return common.point([{ value: count, histogram, part: null }]);
}

const noBuckets: ExponentialBuckets = { offset: 0, counts: [] };

function bucketsOf(cursor: Cursor): ExponentialBuckets {
  let offset = 0;
  const counts: number[] = [];
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.tag === 0x08) offset = zigzag(cursor);
    else if (cursor.tag === 0x12 || cursor.tag === 0x10) {
      addNumbers(cursor, 0x12, counts, (from) => from.varint());
    } else cursor.skip();
  }
  cursor.leave(outer);
  return { offset, counts };
}

/** Quantiles of one summary that are kept. */
const quantilesMax = 32;

/** A SummaryDataPoint. */
export function summaryPoint(cursor: Cursor): DataPoint {
  const common = new Common();
  let count = 0;
  let sum = Number.NaN;
  const quantiles: Reading[] = [];
  common.read(
    cursor,
    { attributes: 0x3a, flags: 0x40 },
    new Map<number, Read>([
      [0x21, () => void (count = unsignedAt(cursor))],
      [0x29, () => void (sum = doubleAt(cursor))],
      [
        0x32,
        () => {
          const reading = quantileOf(cursor);
          if (reading !== null && quantiles.length < quantilesMax) quantiles.push(reading);
        },
      ],
    ]),
  );
  const total: Reading[] = Number.isFinite(sum)
    ? [{ value: sum, histogram: null, part: { suffix: "sum" } }]
    : [];
  const counted: Reading = { value: count, histogram: null, part: { suffix: "count" } };
  return common.point([counted, ...total, ...quantiles]);
}

/** Null for a quantile of nothing, which is no number. */
function quantileOf(cursor: Cursor): Reading | null {
  let quantile = 0;
  let value = 0;
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.tag === 0x09) quantile = doubleAt(cursor);
    else if (cursor.tag === 0x11) value = doubleAt(cursor);
    else cursor.skip();
  }
  cursor.leave(outer);
  return Number.isFinite(value) ? { value, histogram: null, part: { quantile } } : null;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
