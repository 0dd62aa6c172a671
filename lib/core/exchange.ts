import type { CacheOutcome } from "./cache-outcome.ts";
import type { ErrorType } from "./error-type.ts";
import type { ModuleRequest } from "./module-request.ts";
import type { TlsReason } from "./tls-reason.ts";

/** Where a record came from; each proxy is counted from one source only. */
export const sources = ["spans", "logs"] as const;
export type Source = (typeof sources)[number];

/** A 64-bit number as two unsigned 32-bit halves, so that no BigInt is made per record. */
export interface Bits64 {
  readonly high: number;
  readonly low: number;
}

/** One try of a proxy at an upstream inside an exchange. */
export interface Attempt {
  /** Logical name of the upstream: cluster, pool, remote repository or host. */
  readonly upstream: string;
  /** The address tried, or null when it is not known. */
  readonly endpoint: string | null;
  /** Epoch microseconds; for a log line without times per attempt, the exchange's start. */
  readonly startUs: number;
  /** Null when not measured. */
  readonly durationUs: number | null;
  /** The upstream's HTTP status; null when it sent none. */
  readonly status: number | null;
  readonly errorType: ErrorType | null;
  /** Why the handshake with the upstream failed; null when it did not, or nobody said. */
  readonly tlsReason: TlsReason | null;
  /** True where the client hung up, which fails nobody. */
  readonly canceled: boolean;
}

/** One request as a proxy answered it. */
export interface Exchange {
  readonly proxy: string;
  readonly instance: string | null;
  readonly source: Source;
  /** Epoch microseconds. */
  readonly startUs: number;
  readonly durationUs: number | null;
  readonly method: string | null;
  /** Path with its query, as the client sent it. */
  readonly path: string | null;
  /** Null when nothing was sent. */
  readonly status: number | null;
  readonly errorType: ErrorType | null;
  /** Null means not measured. */
  readonly cache: CacheOutcome | null;
  /** Bytes of the answer; null when not measured. */
  readonly bytes: number | null;
  readonly module: ModuleRequest | null;
  /** Why the client's handshake with the proxy failed. */
  readonly clientTlsReason: TlsReason | null;
  /** In the order they were made; empty when none is known. */
  readonly attempts: readonly Attempt[];
  /** The last 8 bytes of the trace id; null when the record carries no trace. */
  readonly traceHash: Bits64 | null;
}
