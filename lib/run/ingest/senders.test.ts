import { expect, it } from "vitest";

import { utcClock } from "#lib/core/local-clock.ts";
import type { MetricPoint, MetricSeries } from "#lib/core/metric.ts";
import { logEventOf } from "#lib/decode/log-event.ts";
import { logLineOfText } from "#lib/normalize/log-line.ts";

import { heardInPoints, Newest } from "./senders.ts";

const receivedMs = 1_795_212_544_000;
const atUs = (afterMs: number) => (receivedMs + afterMs) * 1_000;

function line(instance: string | null, afterMs: number) {
  const event = logEventOf("[error] text", utcClock);
  const origin = { proxy: "edge", instance, format: "nginx" };
  return logLineOfText(event, origin, { atUs: atUs(afterMs), kind: "record", reason: null });
}

function heardIn(...lines: readonly ReturnType<typeof line>[]) {
  const newest = new Newest();
  for (const one of lines) newest.seeLogLine(one, receivedMs);
  return newest.heard();
}

it("hears the newest of a sender's requests and log lines, as one", () => {
  const newest = new Newest();
  newest.see("edge", "a", atUs(-30));
  newest.see("edge", "b", atUs(-890));
  newest.seeLogLine(line("a", -20), receivedMs);
  newest.seeLogLine(line("a", -70), receivedMs);
  expect(newest.heard()).toEqual([
    { proxy: "edge", instance: "a", newestEndUs: atUs(-20) },
    { proxy: "edge", instance: "b", newestEndUs: atUs(-890) },
  ]);
});

it("hears a sender whose lines tell no time, and nothing of its clock", () => {
  const sender = { proxy: "edge", instance: null };
  expect(heardIn(line(null, 0), line(null, 0))).toEqual([{ ...sender, newestEndUs: null }]);
  expect(heardIn(line(null, 0), line(null, -5), line(null, 0))).toEqual([
    { ...sender, newestEndUs: atUs(-5) },
  ]);
});

it("hears the senders of points by the newest of each", () => {
  const point = (proxy: string, afterMs: number): MetricPoint => ({
    series: { ...series, proxy },
    atUs: atUs(afterMs),
    startUs: null,
    value: 1,
    histogram: null,
  });
  const points = [point("a", -9), point("b", -3), point("a", -2), point("a", -4)];
  expect(heardInPoints(points)).toEqual([
    { proxy: "a", instance: "1", newestEndUs: atUs(-2) },
    { proxy: "b", instance: "1", newestEndUs: atUs(-3) },
  ]);
});

const series: MetricSeries = {
  origin: "otlp",
  proxy: "",
  instance: "1",
  name: "up",
  unit: "",
  kind: "gauge",
  temporality: "none",
  attributes: {},
};
