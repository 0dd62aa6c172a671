import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { sloDefinition } from "#lib/contract/slos.ts";
import { readyMadeSlos } from "#lib/rules/ready-made-slos.ts";

import { readOpenSlo } from "./openslo.ts";
import { documentOf } from "./openslo/export.ts";

const foreign = `
apiVersion: openslo/v1
kind: Service
metadata: {name: edge}
spec: {description: the edge}
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: fast-enough
  displayName: Fast enough
  labels: {team: [infra, web]}
spec:
  service: edge
  indicator:
    metadata: {name: latency}
    spec:
      thresholdMetric:
        metricSource: {type: viascope, spec: {indicator: latency, proxy: edge}}
  timeWindow: [{duration: 1M, isRolling: false, calendar: {startTime: 2024-01-01 00:00:00, timeZone: Europe/Berlin}}]
  budgetingMethod: Timeslices
  objectives: [{op: lte, value: 1200, targetPercent: 99.5, timeSliceTarget: 0.95, timeSliceWindow: 5m}]
`;

describe("OpenSLO v1", () => {
  it("is read: threshold metrics, percents, calendar windows and slices", () => {
    expect(readOpenSlo(foreign)).toEqual([
      {
        key: "fast-enough",
        definition: sloDefinition.parse({
          name: "Fast enough",
          indicator: "latency",
          thresholdMs: 1_200,
          proxy: "edge",
          objectivePpm: 995_000,
          window: { kind: "calendar", unit: "month", zone: "Europe/Berlin" },
          budgeting: { kind: "timeslices", sliceSeconds: 300, sliceTargetPpm: 950_000 },
          labels: { team: "infra,web" },
        }),
      },
    ]);
  });

  const [availability] = readyMadeSlos;
  const base = sloDefinition.parse(availability?.definition);
  it.each([
    { name: "the ready-made objective", change: {} },
    { name: "an odd objective", change: { objectivePpm: 999_999, minBad: 7, alerts: false } },
    {
      name: "a calendar year",
      change: { window: { kind: "calendar", unit: "year", zone: "Asia/Tokyo" } },
    },
    {
      name: "slices",
      change: { budgeting: { kind: "timeslices", sliceSeconds: 60, sliceTargetPpm: 990_000 } },
    },
    {
      name: "an upstream with labels",
      change: { upstream: "origin", labels: { team: "a" }, runbookUrl: "https://x.example" },
    },
    {
      name: "the modules below a path",
      change: { indicator: "hit_ratio", module: "github.com/BurntSushi", endpoint: "zip" },
    },
    {
      name: "latency of an endpoint",
      change: { indicator: "latency", thresholdMs: 250, endpoint: "zip" },
    },
  ])("comes back as it went: $name", ({ change }) => {
    const definition = sloDefinition.parse({ ...base, ...change });
    const slo = { key: "one", origin: "own", budgetState: "healthy", definition } as const;
    expect(readOpenSlo(stringify(documentOf(slo)))).toEqual([{ key: "one", definition }]);
  });

  it.each([
    {
      name: "another source",
      from: "type: viascope",
      to: "type: prometheus",
      sentence: /Document 2: .*only metrics of `type: viascope`/,
    },
    {
      name: "a target of everything",
      from: "targetPercent: 99.5",
      to: "targetPercent: 100",
      sentence: /targetPercent/,
    },
    {
      name: "a target too fine",
      from: "targetPercent: 99.5",
      to: "targetPercent: 99.99999",
      sentence: /finer than a part per million/,
    },
    {
      name: "two objectives",
      from: "objectives: [",
      to: "objectives: [{target: 0.5}, ",
      sentence: /exactly one objective/,
    },
    {
      name: "an unknown zone",
      from: "Europe/Berlin",
      to: "Mars/Olympus",
      sentence: /IANA time zone/,
    },
    { name: "an odd calendar", from: "duration: 1M", to: "duration: 2M", sentence: /1d, 1w, 1M/ },
    { name: "no threshold", from: "op: lte, value: 1200, ", to: "", sentence: /`op: lte`/ },
    {
      name: "a bad name",
      from: "name: fast-enough",
      to: "name: Fast Enough",
      sentence: /`metadata.name`/,
    },
    {
      name: "no SLO",
      from: "kind: SLO",
      to: "kind: SLI",
      sentence: /no document with `kind: SLO`/,
    },
    { name: "broken YAML", from: "service: edge", to: "service: [edge", sentence: /is no YAML/ },
  ])("is refused with the document and the reason: $name", ({ from, to, sentence }) => {
    expect(() => readOpenSlo(foreign.replace(from, to))).toThrow(sentence);
  });
});
