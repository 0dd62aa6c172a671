import type { LogLine } from "#lib/core/log-line.ts";
import type { Signal } from "#lib/store/batch-rows.ts";
import type { Metrics } from "#lib/telemetry/metrics.ts";

/** What ingest counts of itself; every record that is not stored is in one of these. */
export interface IngestCounters {
  accepted(signal: Signal, records: number): void;
  /** Records refused one by one, by the kind of reason. */
  rejected(signal: Signal, byReason: Readonly<Record<string, number>>): void;
  /** Lines kept as log lines: how many of them are unread, and how many are no requests. */
  logLines(lines: readonly LogLine[]): void;
  /** A body that could not be read at all. */
  malformed(signal: Signal): void;
  /** Bodies that were stored before and sent again. */
  resent(bodies: number): void;
  /** A commit that took so many seconds, of so many requests. */
  committed(seconds: number, requests: number): void;
  /** How many seconds each request took from its first byte to its commit. */
  lagged(seconds: readonly number[]): void;
  commitFailed(requests: number): void;
  /** Names that share the overflow name because their kind has too many. */
  namesOverflowed(kind: string, names: number): void;
}

const commitSecondsBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Each a quarter above the one before, from 1 ms to a minute: a quantile between two is at most that far off. */
const lagSecondsBounds = Array.from({ length: 50 }, (_, place) => 0.001 * 1.25 ** place);

/** The counters as series of this process. */
export function ingestCounters(metrics: Metrics): IngestCounters {
  const { seconds, lag, failures, requests, again } = commitSeries(metrics);
  return {
    accepted: (signal, records) =>
      metrics.counter("viascope_ingest_accepted_total", "Records stored.", { signal }).add(records),
    rejected(signal, byReason) {
      for (const [reason, records] of Object.entries(byReason)) {
        metrics
          .counter("viascope_ingest_rejected_total", "Records refused, by reason.", {
            signal,
            reason,
          })
          .add(records);
      }
    },
    logLines(lines) {
      for (const [kind, members] of Map.groupBy(lines, (line) => line.kind)) {
        metrics
          .counter("viascope_ingest_log_lines_total", "Lines stored as log lines, by kind.", {
            kind,
          })
          .add(members.length);
      }
    },
    malformed: (signal) =>
      metrics
        .counter("viascope_ingest_malformed_total", "Bodies that could not be read.", { signal })
        .add(1),
    resent: (bodies) => again.add(bodies),
    committed(took, stored) {
      seconds.observe(took);
      requests.add(stored);
    },
    lagged(took) {
      for (const one of took) lag.observe(one);
    },
    commitFailed: () => failures.add(1),
    namesOverflowed: (kind, names) =>
      metrics
        .counter(
          "viascope_names_overflowed_total",
          "Names that share the name (other), because their kind has too many.",
          { kind },
        )
        .add(names),
  };
}

function commitSeries(metrics: Metrics) {
  return {
    seconds: metrics.histogram(
      "viascope_ingest_commit_seconds",
      "Time of a group commit, from its first statement to its durable end.",
      commitSecondsBounds,
    ),
    lag: metrics.histogram(
      "viascope_ingest_lag_seconds",
      "Time of a request from its first byte to its durable commit.",
      lagSecondsBounds,
    ),
    failures: metrics.counter(
      "viascope_ingest_commit_failures_total",
      "Group commits that failed; their requests are tried again.",
    ),
    requests: metrics.counter(
      "viascope_ingest_committed_requests_total",
      "Requests stored durably.",
    ),
    again: metrics.counter(
      "viascope_ingest_resent_total",
      "Bodies recognized as stored before, and not counted again.",
    ),
  };
}
