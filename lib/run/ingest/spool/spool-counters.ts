import type { Metrics } from "#lib/telemetry/metrics.ts";

/** What became of requests that came to the spool. */
export type SpoolOutcome =
  | "spooled"
  | "full"
  | "disk_failed"
  | "replayed"
  | "stored_before"
  | "refused";

export interface SpoolCounters {
  count(outcome: SpoolOutcome, requests: number): void;
  setAside(bytes: number): void;
  torn(bytes: number): void;
}

export function spoolCounters(metrics: Metrics): SpoolCounters {
  const bytesOf = (kind: string) =>
    metrics.counter("viascope_spool_damaged_bytes_total", "Bytes of the spool that no record is.", {
      kind,
    });
  return {
    count: (outcome, requests) =>
      metrics
        .counter("viascope_spool_requests_total", "Requests of the spool by outcome.", { outcome })
        .add(requests),
    setAside: (bytes) => bytesOf("set_aside").add(bytes),
    torn: (bytes) => bytesOf("torn").add(bytes),
  };
}
