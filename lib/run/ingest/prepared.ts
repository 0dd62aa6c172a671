import type { LogLine } from "#lib/core/log-line.ts";
import type { StoredPoint } from "#lib/core/metric.ts";
import type { RecordRows } from "#lib/core/record-rows.ts";
import type { Signal } from "#lib/store/batch-rows.ts";

/** How the lines of a block are to be read again. */
export interface LineStream {
  readonly format: string;
  readonly logFormat: string | null;
  readonly proxy: string;
  readonly instance: string | null;
  /** IANA zone of times that are written without one; null for UTC. */
  readonly timeZone: string | null;
}

/** What is learned of a request while it waits for its commit. */
export interface RequestState {
  /** Nobody is there any more to hear the answer. */
  isSenderGone: boolean;
  /** Whether it is stored already, and if so, whether its sender has had the answer elsewhere. */
  stored: "unknown" | "unanswered" | "answered";
}

/** A request that was read and waits for its commit. */
export interface Prepared {
  readonly project: number;
  readonly signal: Signal;
  readonly stream: LineStream | null;
  readonly payload: Uint8Array;
  /** Whether spans or lines were read from the payload, so that it is stored as it came. */
  readonly keepsPayload: boolean;
  /** Records in the payload, counted like the positions of its records. */
  readonly records: number;
  /** Spans, or exchanges of lines and their attempts. */
  readonly rows: RecordRows;
  /** What of it is no exchange. */
  readonly logLines: readonly LogLine[];
  /** Points of metrics, each with the number of its series. */
  readonly points: readonly StoredPoint[];
  readonly digest: string;
  /** Whether its sender gave it a key, by which it can be told from equal ones. */
  readonly hasKey: boolean;
  /** Whether an equal request can only be this one, sent again, as both hold the same ids or the same key. */
  readonly isUnique: boolean;
  readonly receivedMs: number;
  readonly state: RequestState;
}
