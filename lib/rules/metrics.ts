import { durationText } from "#lib/core/duration.ts";
import type { Group, Measured } from "#lib/core/measured.ts";
import type { RuleSubject } from "#lib/core/rule.ts";

import { momentMetrics, type MomentMetric } from "./metrics/moment-metrics.ts";
import { namedMetric, windowMetrics } from "./metrics/window-metrics.ts";
import type { Unit, WindowMetric } from "./metrics/window-metrics.ts";

/** Windows that a metric may be asked over, in seconds. */
const windowSeconds = [
  60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 259_200, 604_800,
] as const;

/** A metric as it stands in an expression, such as `error_rate_5m`. */
export interface MetricUse {
  readonly name: string;
  readonly unit: Unit;
  /** Null for metrics without a window to choose. */
  readonly windowSeconds: number | null;
  /** Whether it needs the latencies of its window. */
  readonly latency: boolean;
  readonly subjects: readonly RuleSubject[];
  /** The value for a group at a time; null means that it was not measured. */
  readonly valueOf: (group: Group, nowMs: number) => number | null;
}

/** The metric of a name; null when there is none. */
export function metricOf(name: string): MetricUse | null {
  const known = uses.get(name);
  if (known !== undefined) return known;
  const use = momentUse(name) ?? windowedUse(name);
  if (use !== null) uses.set(name, use);
  return use;
}

/** A line of the documented catalogue: what an editor proposes. */
export interface CatalogueEntry {
  readonly name: string;
  readonly unit: Unit;
  readonly windowed: boolean;
  readonly subjects: readonly RuleSubject[];
  readonly description: string;
}

/** Every metric, without its windows; families such as `status_503` appear once, as an example. */
export function catalogue(): CatalogueEntry[] {
  return [...entriesOf(windowMetrics, true), ...entriesOf(momentMetrics, false)];
}

function entriesOf(
  metrics: Readonly<Record<string, MomentMetric | WindowMetric>>,
  windowed: boolean,
): CatalogueEntry[] {
  return Object.entries(metrics).map(([name, { unit, subjects, description }]) => ({
    name,
    unit,
    windowed,
    subjects,
    description,
  }));
}

/** Endings that name the windows: `5m`, `1h`. */
export const windowSuffixes: readonly string[] = windowSeconds.map(durationText);

const bySuffix = new Map<string, number>(
  windowSeconds.map((seconds) => [durationText(seconds), seconds]),
);
const uses = new Map<string, MetricUse>();

function momentUse(name: string): MetricUse | null {
  const metric = Object.hasOwn(momentMetrics, name) ? momentMetrics[name] : undefined;
  if (metric === undefined) return null;
  const { unit, subjects, valueOf } = metric;
  return { name, unit, windowSeconds: null, latency: false, subjects, valueOf };
}

function windowedUse(name: string): MetricUse | null {
  const cut = name.lastIndexOf("_");
  const seconds = bySuffix.get(name.slice(cut + 1));
  const metric = seconds === undefined ? null : namedMetric(name.slice(0, cut));
  if (seconds === undefined || metric === null) return null;
  return {
    name,
    unit: metric.unit,
    windowSeconds: seconds,
    latency: metric.latency ?? false,
    subjects: metric.subjects,
    valueOf: (group) => valueIn(metric, group, seconds),
  };
}

function valueIn(metric: WindowMetric, group: Group, seconds: number): number | null {
  const measured: Measured | undefined = group.windows.get(seconds);
  if (measured === undefined) return metric.absent ?? null;
  const value = metric.valueOf(measured, { seconds, ofUpstream: group.upstream !== null });
  return value === null || !Number.isFinite(value) ? null : value;
}
