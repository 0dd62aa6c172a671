import type { Signal } from "#lib/store/batch-rows.ts";

/** What ingest counts of itself; every dropped record is in one of these. */
export interface IngestCounters {
  accepted(signal: Signal, records: number): void;
  /** Records refused one by one, by the kind of reason. */
  rejected(signal: Signal, byReason: Readonly<Record<string, number>>): void;
  /** A body that could not be read at all. */
  malformed(signal: Signal): void;
  /** A body that was stored before and sent again. */
  resent(): void;
}
