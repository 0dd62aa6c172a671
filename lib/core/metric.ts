/** What the numbers of a series are. */
export const metricKinds = ["gauge", "counter", "updown", "histogram"] as const;
export type MetricKind = (typeof metricKinds)[number];

/** Whether a point counts from a start on, or since the point before; a gauge has none. */
export const temporalities = ["none", "cumulative", "delta"] as const;
export type Temporality = (typeof temporalities)[number];

/** What is drawn of a metric: its rate a second, its increase in a step, its value, or a quantile of a histogram. */
export const metricReadings = [
  "rate",
  "increase",
  "value",
  "mean",
  "p50",
  "p90",
  "p95",
  "p99",
] as const;
export type MetricReading = (typeof metricReadings)[number];

/** How a series came: pushed with OTLP, or scraped. */
export type MetricOrigin = "otlp" | "scrape";

/** What tells one series from every other of its project. */
export interface MetricSeries {
  readonly origin: MetricOrigin;
  readonly proxy: string;
  readonly instance: string | null;
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly temporality: Temporality;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Counts of observations by size. */
export interface MetricHistogram {
  /** Upper bounds, ascending and finite; one more count than bounds, the last for all above. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** Of what was observed; null when it was not measured. */
  readonly sum: number | null;
}

/** One reading of a series. */
export interface MetricPoint {
  readonly series: MetricSeries;
  readonly atUs: number;
  /** When a cumulative series began to count; null when that was not said. */
  readonly startUs: number | null;
  /** Of a histogram: how many were observed. */
  readonly value: number;
  readonly histogram: MetricHistogram | null;
}

/** A point whose series has its number. */
export interface StoredPoint {
  readonly seriesId: number;
  readonly atUs: number;
  readonly startUs: number | null;
  readonly value: number;
  readonly histogram: MetricHistogram | null;
}

/** The same text for the same series, whatever the order of its attributes. */
export function seriesKey(series: MetricSeries): string {
  const { origin, proxy, instance, name, unit, kind, temporality } = series;
  const attributes = Object.entries(series.attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([origin, proxy, instance, name, unit, kind, temporality, attributes]);
}
