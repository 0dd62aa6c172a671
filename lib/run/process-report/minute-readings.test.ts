import { expect, it } from "vitest";

import { createMetrics } from "#lib/telemetry/metrics.ts";

import { MinuteReadings } from "./minute-readings.ts";

const noon = Date.UTC(2026, 0, 1, 12);

it("a minute holds what counters grew by, the most a gauge was, and what was distributed", () => {
  const metrics = createMetrics();
  const stored = metrics.counter("viascope_ingest_accepted_total", "", { signal: "traces" });
  const depth = metrics.gauge("viascope_ingest_queue_depth", "");
  const lag = metrics.histogram("viascope_ingest_lag_seconds", "", [0.1, 1]);
  stored.add(1_000);
  lag.observe(0.05);
  const readings = new MinuteReadings(metrics, noon);
  stored.add(7);
  depth.set(4);
  expect(readings.look(noon + 30_000)).toBeNull();
  depth.set(1);
  lag.observe(0.5);
  lag.observe(9);
  expect(readings.look(noon + 60_000)).toEqual({
    minuteMs: noon,
    counters: {
      'viascope_ingest_accepted_total {"signal":"traces"}': 7,
      "viascope_ingest_lag_seconds_count {}": 2,
      "viascope_ingest_lag_seconds_sum {}": expect.closeTo(9.5),
    },
    gauges: { "viascope_ingest_queue_depth {}": 4 },
    histograms: {
      "viascope_ingest_lag_seconds {}": [
        [1, 1],
        [null, 1],
      ],
    },
  });
  const quiet = readings.look(noon + 120_000);
  expect(quiet).toMatchObject({ minuteMs: noon + 60_000, counters: {}, histograms: {} });
});

it("a row stays small, however many series there are", () => {
  const metrics = createMetrics();
  const readings = new MinuteReadings(metrics, noon);
  for (let series = 0; series < 1_000; series += 1) {
    metrics.counter("viascope_ingest_rejected_total", "", { reason: `${series}` }).add(1);
    metrics.counter("somebody_elses_total", "", { reason: `${series}` }).add(1);
  }
  const counters = Object.keys(readings.end(noon + 1_000).counters);
  expect(counters).toHaveLength(200);
  expect(counters.every((key) => key.startsWith("viascope_ingest_rejected_total"))).toBe(true);
});
