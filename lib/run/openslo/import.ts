import { secondsOf } from "#lib/core/duration.ts";
import { million } from "#lib/core/slo.ts";

import { annotation, type OpenSlo, type OurSource } from "./schema.ts";

type Spec = OpenSlo["spec"];

/** What the contract reads a definition from, or the sentence that says why the document cannot be taken. */
export function definitionOf({ metadata, spec }: OpenSlo): Record<string, unknown> | string {
  const source = sourceOf(spec);
  if (typeof source === "string") return source;
  const objectivePpm = targetOf(spec);
  if (typeof objectivePpm === "string") return objectivePpm;
  const window = windowOf(spec);
  if (typeof window === "string") return window;
  const budgeting = budgetingOf(spec);
  if (typeof budgeting === "string") return budgeting;
  return {
    ...source,
    ...annotated(metadata.annotations ?? {}),
    name: metadata.displayName ?? metadata.name,
    description: spec.description,
    labels: singleLabels(metadata.labels ?? {}),
    objectivePpm,
    window,
    budgeting,
  };
}

function sourceOf(spec: Spec): OurSource | string {
  const { ratioMetric, thresholdMetric } = spec.indicator.spec;
  const ratio = ratioMetric?.bad ?? ratioMetric?.good;
  if (ratio !== undefined) return ratio.metricSource.spec;
  if (thresholdMetric !== undefined)
    return thresholdSource(thresholdMetric.metricSource.spec, spec);
  return "`spec.indicator.spec` needs a ratioMetric or a thresholdMetric.";
}

function thresholdSource(source: OurSource, { objectives: [objective] }: Spec): OurSource | string {
  const { op, value } = objective ?? {};
  if (value !== undefined && (op === "lte" || op === "lt"))
    return { ...source, thresholdMs: value };
  return "a thresholdMetric needs an objective with `op: lte` and its `value` in milliseconds.";
}

function targetOf({ objectives: [objective] }: Spec): number | string {
  const { target, targetPercent } = objective ?? {};
  if (target !== undefined) return ppmOf(target * million, "target");
  if (targetPercent !== undefined) return ppmOf(targetPercent * 10_000, "targetPercent");
  return "`spec.objectives.0.target` is missing.";
}

/** A share in parts per million; what is finer than that is refused, not rounded. */
function ppmOf(share: number, field: string): number | string {
  const ppm = Math.round(share);
  return Math.abs(share - ppm) < 1e-6
    ? ppm
    : `\`spec.objectives.0.${field}\` is finer than a part per million.`;
}

const calendarUnits = new Map(
  Object.entries({ "1d": "day", "1w": "week", "1M": "month", "1Q": "quarter", "1Y": "year" }),
);

function windowOf({ timeWindow: [window] }: Spec): object | string {
  if (window === undefined) return "`spec.timeWindow` is missing.";
  const { duration, isRolling, calendar } = window;
  if (calendar !== undefined && isRolling !== true) {
    const unit = calendarUnits.get(duration);
    if (unit !== undefined) return { kind: "calendar", unit, zone: calendar.timeZone };
    return "a calendar window lasts 1d, 1w, 1M, 1Q or 1Y.";
  }
  const seconds = secondsOf(duration);
  if (seconds !== null && seconds % 86_400 === 0)
    return { kind: "rolling", days: seconds / 86_400 };
  return "a rolling window lasts whole days or weeks, such as 30d or 4w.";
}

function budgetingOf({ budgetingMethod, objectives: [objective] }: Spec): object | string {
  if (budgetingMethod === "Occurrences") return { kind: "occurrences" };
  const sliceSeconds = secondsOf(objective?.timeSliceWindow ?? "");
  if (sliceSeconds === null) return "`timeSliceWindow` is a duration such as 1m or 5m.";
  const target = ppmOf((objective?.timeSliceTarget ?? 0) * million, "timeSliceTarget");
  return typeof target === "string"
    ? target
    : { kind: "timeslices", sliceSeconds, sliceTargetPpm: target };
}

function annotated(annotations: Readonly<Record<string, string>>): Record<string, unknown> {
  const numberOf = (name: string): number | undefined =>
    annotations[name] === undefined ? undefined : Number(annotations[name]);
  return {
    alerts: annotations[annotation.alerts] !== "false",
    coverageMinPpm: numberOf(annotation.coverageMinPpm),
    minBad: numberOf(annotation.minBad),
    minTotal: numberOf(annotation.minTotal),
    runbookUrl: annotations[annotation.runbookUrl],
  };
}

/** OpenSLO allows several values of a label; an alert has one. */
function singleLabels(labels: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : value,
    ]),
  );
}
