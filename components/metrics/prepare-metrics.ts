import type { MetricSeriesAnswer } from "#lib/contract/metrics.ts";
import type { MetricReading } from "#lib/core/metric.ts";

import type { ChartRow } from "../charts/prepare-time-chart.ts";
import type { RowStyle } from "../charts/row-style.ts";
import type { Formats } from "../format/use-formats.ts";

const colors = Array.from({ length: 8 }, (_, place) => `var(--service-${place})`);
const dashes = ["solid", "dashed", "dotted"] as const;

/** The rows of a chart and how each is named: by what tells it from the others. */
export function rowsOf({ series }: Pick<MetricSeriesAnswer, "series">): {
  readonly rows: readonly ChartRow[];
  readonly styles: Readonly<Record<string, RowStyle>>;
} {
  const telling = tellingKeys(series.map(({ labels }) => labels));
  const named = series.map(({ labels, points }, place) => {
    const color = colors[place % colors.length] ?? "var(--service-0)";
    const dash = dashes[Math.floor(place / colors.length) % dashes.length] ?? "solid";
    return { key: `${place}`, points, style: { label: labelText(labels, telling), color, dash } };
  });
  return {
    rows: named.map(({ key, points }) => ({ key, points })),
    styles: Object.fromEntries(named.map(({ key, style }) => [key, style])),
  };
}

/** Keys whose values differ between the series; all of them where there is only one. */
function tellingKeys(all: readonly Readonly<Record<string, string>>[]): string[] {
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))].toSorted();
  const differing = keys.filter((key) => new Set(all.map((labels) => labels[key])).size > 1);
  return differing.length > 0 ? differing : keys;
}

function labelText(labels: Readonly<Record<string, string>>, keys: readonly string[]): string {
  const known = keys.filter((key) => labels[key] !== undefined);
  return known.map((key) => `${key}=${labels[key]}`).join(" ") || "–";
}

/** The words of a unit on the axis. */
export function unitText(unit: string, reading: MetricReading): string {
  const own = { s: "seconds", ms: "milliseconds", By: "bytes", "1": "ratio" }[unit] ?? unit;
  if (reading === "rate") return own === "" ? "per second" : `${own} per second`;
  return own === "" ? "count" : own;
}

/** How a value of that unit is written. */
export function valueFormat(
  unit: string,
  reading: MetricReading,
  formats: Formats,
): (value: number | null) => string {
  if (reading === "rate") {
    return unit === "By"
      ? (value) => (value === null ? formats.bytes(null) : `${formats.bytes(value)}/s`)
      : formats.rate;
  }
  if (unit === "By") return formats.bytes;
  const msOf = { s: 1_000, ms: 1, us: 0.001 }[unit];
  if (msOf === undefined) return formats.number;
  return (value) => formats.duration(value === null ? null : value * msOf);
}

/** The filters with one attribute set to a value, or left open. */
export function withFilter(
  filters: readonly string[],
  key: string,
  value: string | null,
): string[] | null {
  const others = filters.filter((text) => !text.startsWith(`${key}=`));
  const next = value === null ? others : [...others, `${key}=${value}`];
  return next.length === 0 ? null : next;
}

/** The value that an attribute is filtered by; null when it is left open. */
export function filteredBy(filters: readonly string[], key: string): string | null {
  const found = filters.find((text) => text.startsWith(`${key}=`));
  return found === undefined ? null : found.slice(key.length + 1);
}
