import { durationText } from "#lib/core/duration.ts";
import type { SloDefinition, SloWindow } from "#lib/core/slo-definition.ts";
import { million } from "#lib/core/slo.ts";

import type { SloInForce } from "../slos-in-force.ts";
import { annotation, type OpenSlo, type OurSource } from "./schema.ts";

/** An objective as an OpenSLO v1 document. */
export function documentOf({ key, definition }: SloInForce): OpenSlo {
  const { name, description, labels, objectivePpm, budgeting, window } = definition;
  const source = { metricSource: { type: "viascope" as const, spec: sourceOf(definition) } };
  return {
    apiVersion: "openslo/v1",
    kind: "SLO",
    metadata: {
      name: key,
      displayName: name,
      ...(Object.keys(labels).length > 0 && { labels: { ...labels } }),
      annotations: annotationsOf(definition),
    },
    spec: {
      description,
      service: definition.proxy ?? "all-proxies",
      indicator: {
        metadata: { name: `${key}-indicator` },
        spec: { ratioMetric: { counter: true, bad: source, total: source } },
      },
      timeWindow: [timeWindowOf(window)],
      budgetingMethod: budgeting.kind === "occurrences" ? "Occurrences" : "Timeslices",
      objectives: [
        {
          displayName: name,
          target: objectivePpm / million,
          ...(budgeting.kind === "timeslices" && {
            timeSliceTarget: budgeting.sliceTargetPpm / million,
            timeSliceWindow: durationText(budgeting.sliceSeconds),
          }),
        },
      ],
      alertPolicies: [],
    },
  };
}

function sourceOf(definition: SloDefinition): OurSource {
  const { indicator, thresholdMs, proxy, upstream, endpoint, module } = definition;
  return {
    indicator,
    ...(thresholdMs !== null && { thresholdMs }),
    ...(proxy !== null && { proxy }),
    ...(upstream !== null && { upstream }),
    ...(endpoint !== null && { endpoint }),
    ...(module !== null && { module }),
  };
}

function annotationsOf(definition: SloDefinition): Record<string, string> {
  const { alerts, coverageMinPpm, minBad, minTotal, runbookUrl } = definition;
  return {
    [annotation.alerts]: String(alerts),
    [annotation.coverageMinPpm]: String(coverageMinPpm),
    [annotation.minBad]: String(minBad),
    [annotation.minTotal]: String(minTotal),
    ...(runbookUrl !== null && { [annotation.runbookUrl]: runbookUrl }),
  };
}

const calendarDuration = { day: "1d", week: "1w", month: "1M", quarter: "1Q", year: "1Y" } as const;

function timeWindowOf(window: SloWindow): OpenSlo["spec"]["timeWindow"][number] {
  if (window.kind === "rolling") return { duration: `${window.days}d`, isRolling: true };
  return {
    duration: calendarDuration[window.unit],
    isRolling: false,
    // Periods begin where the calendar says; any first day of one tells that.
    calendar: { startTime: "2024-01-01 00:00:00", timeZone: window.zone },
  };
}
