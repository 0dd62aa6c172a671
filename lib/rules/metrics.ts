import { durationText } from "#lib/core/duration.ts";
import type { Group, Measured } from "#lib/core/measured.ts";
import type { RuleSubject } from "#lib/core/rule.ts";

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
  /** Null for metrics that look at now. */
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
  const moment = Object.hasOwn(momentMetrics, name) ? momentMetrics[name] : undefined;
  const use = moment ?? windowedUse(name);
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
  const windowed = Object.entries(windowMetrics).map(([name, metric]) => ({
    name,
    unit: metric.unit,
    windowed: true,
    subjects: metric.subjects,
    description: metric.description,
  }));
  const moments = Object.values(momentMetrics).map(({ name, unit, subjects }) => ({
    name,
    unit,
    windowed: false,
    subjects,
    description: momentDescriptions[name] ?? "",
  }));
  return [...windowed, ...moments];
}

/** Endings that name the windows: `5m`, `1h`. */
export const windowSuffixes: readonly string[] = windowSeconds.map(durationText);

const bySuffix = new Map<string, number>(
  windowSeconds.map((seconds) => [durationText(seconds), seconds]),
);
const uses = new Map<string, MetricUse>();
const both: readonly RuleSubject[] = ["proxy", "upstream"];

const momentMetrics: Readonly<Record<string, MetricUse>> = {
  silence: {
    name: "silence",
    unit: "seconds",
    windowSeconds: null,
    latency: false,
    subjects: both,
    valueOf: ({ lastMs }, nowMs) => (lastMs === null ? null : Math.max(0, (nowMs - lastMs) / 1000)),
  },
  clock_ahead: {
    name: "clock_ahead",
    unit: "seconds",
    windowSeconds: null,
    latency: false,
    subjects: both,
    valueOf: ({ lastMs }, nowMs) => (lastMs === null ? null : Math.max(0, (lastMs - nowMs) / 1000)),
  },
  clock_off: {
    name: "clock_off",
    unit: "seconds",
    windowSeconds: null,
    latency: false,
    subjects: ["proxy"],
    valueOf: ({ clockOffMs, lastMs }, nowMs) =>
      clockOffMs === null && lastMs === null
        ? null
        : Math.max(0, clockOffMs ?? 0, (lastMs ?? 0) - nowMs) / 1000,
  },
  unavailable_in_row: {
    name: "unavailable_in_row",
    unit: "count",
    windowSeconds: null,
    latency: false,
    subjects: ["upstream"],
    valueOf: ({ unavailableInRow }) => unavailableInRow,
  },
  certificate_left: {
    name: "certificate_left",
    unit: "seconds",
    windowSeconds: null,
    latency: false,
    subjects: ["certificate", "upstream"],
    valueOf: ({ certificateEndsMs }, nowMs) =>
      certificateEndsMs === null ? null : (certificateEndsMs - nowMs) / 1000,
  },
};

const momentDescriptions: Readonly<Record<string, string>> = {
  silence: "time since the newest record",
  clock_ahead: "how far the newest record lies in the future: the sender's clock is ahead",
  clock_off:
    "how far the clock of a proxy's worst sender is off, ahead or behind, as far as receipt times and records from the future tell; behind can also be something that holds all telemetry for that long",
  unavailable_in_row:
    "attempts in a row, up to now, that were answered 503 or 504 or got no proper answer at all",
  certificate_left:
    "time until the certificate ends that checks last saw, below 0 when it has ended; unknown where none is checked",
};

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
