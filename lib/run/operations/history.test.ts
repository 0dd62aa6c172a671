import { expect, it } from "vitest";

import type { SeriesBucket } from "#lib/query/operations.ts";

import { historyOf, receivedOf } from "./history.ts";

const window = { fromMs: 600_000, toMs: 900_000, stepSeconds: 120 };

function counted(
  bucketMs: number,
  name: string,
  labels: Record<string, string>,
  value: number,
): SeriesBucket {
  return { bucketMs, kind: "counter", name, labels, bound: null, value };
}

function lagged(bucketMs: number, bound: number | null, value: number): SeriesBucket {
  return {
    bucketMs,
    kind: "histogram",
    name: "viascope_ingest_lag_seconds",
    labels: {},
    bound,
    value,
  };
}

it("rates are per second, 0 where only others counted, and not known where nobody told", () => {
  const { accepted } = historyOf(
    [
      counted(600_000, "viascope_ingest_accepted_total", { signal: "traces" }, 240),
      counted(840_000, "viascope_ingest_accepted_total", { signal: "traces" }, 60),
      counted(840_000, "viascope_ingest_accepted_total", { signal: "access-logs" }, 6),
    ],
    window,
  );
  expect(accepted).toEqual([
    {
      signal: "access-logs",
      points: [
        [600_000, 0],
        [720_000, null],
        [840_000, 0.1],
      ],
    },
    {
      signal: "traces",
      points: [
        [600_000, 2],
        [720_000, null],
        [840_000, 1],
      ],
    },
  ]);
});

it("refusals are told by reason, the most first, and bodies that cannot be read are among them", () => {
  const history = historyOf(
    [
      counted(600_000, "viascope_ingest_rejected_total", { signal: "traces", reason: "old" }, 3),
      counted(600_000, "viascope_ingest_malformed_total", { signal: "traces" }, 5),
      counted(720_000, "viascope_ingest_malformed_total", { signal: "traces" }, 5),
      counted(600_000, "viascope_syslog_refused_total", { reason: "too_many" }, 4),
      counted(600_000, "viascope_syslog_messages_total", { outcome: "no_room" }, 1),
      counted(600_000, "viascope_syslog_messages_total", { outcome: "accepted" }, 70),
      counted(600_000, "viascope_receive_requests_total", { route: "traces", outcome: "token" }, 2),
      counted(
        600_000,
        "viascope_receive_requests_total",
        { route: "traces", outcome: "accepted" },
        9,
      ),
    ],
    window,
  );
  expect(history.refused.map(({ signal, reason, total }) => [signal, reason, total])).toEqual([
    ["traces", "malformed_body", 10],
    ["traces", "old", 3],
    ["syslog", "no_room", 1],
  ]);
  expect(history.requestsRefused).toMatchObject([
    { route: "syslog", reason: "too_many", total: 4 },
    { route: "traces", reason: "token", total: 2 },
  ]);
});

it("a quantile of the lag lies within a quarter of the truth", () => {
  const bounds = Array.from({ length: 50 }, (_, place) => 0.001 * 1.25 ** place);
  const seconds = Array.from({ length: 1_000 }, (_, place) => 0.002 + place * 0.0003);
  const buckets = seconds.map((one) =>
    lagged(600_000, bounds.find((bound) => one <= bound) ?? null, 1),
  );
  const { lagMsP50, lagMsP99 } = historyOf(buckets, window);
  const [p50, p99] = [lagMsP50[0]?.[1] ?? 0, lagMsP99[0]?.[1] ?? 0];
  expect(Math.abs(p50 / 152 - 1)).toBeLessThan(0.25);
  expect(Math.abs(p99 / 299 - 1)).toBeLessThan(0.25);
  expect(lagMsP50[1]).toEqual([720_000, null]);
});

it("of gauges the most is told", () => {
  expect(historyOf([depth(2), depth(9), depth(4)], window).queueDepth).toEqual([
    [600_000, null],
    [720_000, 9],
    [840_000, null],
  ]);
});

function depth(value: number): SeriesBucket {
  return { ...counted(720_000, "viascope_ingest_queue_depth", {}, value), kind: "gauge" };
}

it("what was lost is what no sender was told of, and damage counts once however many bytes", () => {
  const buckets = [
    counted(600_000, "viascope_ingest_accepted_total", { signal: "traces" }, 40),
    counted(600_000, "viascope_ingest_rejected_total", { signal: "traces", reason: "old" }, 3),
    counted(600_000, "viascope_receive_requests_total", { route: "traces", outcome: "token" }, 2),
    counted(600_000, "viascope_receive_requests_total", { route: "logs", outcome: "aborted" }, 5),
    counted(600_000, "viascope_syslog_messages_total", { outcome: "no_room" }, 7),
    counted(600_000, "viascope_syslog_messages_total", { outcome: "not_allowed" }, 4),
    counted(600_000, "viascope_spool_requests_total", { outcome: "refused" }, 1),
    counted(600_000, "viascope_spool_requests_total", { outcome: "replayed" }, 90),
    counted(600_000, "viascope_spool_damaged_bytes_total", { kind: "set_aside" }, 4_096),
    counted(600_000, "viascope_spool_damaged_bytes_total", { kind: "torn" }, 12),
  ];
  expect(receivedOf(buckets)).toEqual({
    recordsStored: 40,
    recordsRefused: 14,
    requestsTaken: 5,
    requestsRefused: 2,
    lost: 9,
  });
  expect(receivedOf([])).toBeNull();
});
