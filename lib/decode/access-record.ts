import type { ErrorType } from "#lib/core/error-type.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";

import type { PlainReader } from "./plain-line.ts";

/** One try at an upstream, as a log line tells of it. */
export interface AccessAttempt {
  /** Logical name; null when the line gives only an address. */
  readonly upstream: string | null;
  /** Address tried; null when none was. */
  readonly endpoint: string | null;
  /** Null when not logged, or when the proxy wrote a status of its own in its place. */
  readonly status: number | null;
  readonly durationUs: number | null;
  readonly errorType: ErrorType | null;
  readonly tlsReason: TlsReason | null;
  /** True where the client hung up before the upstream answered. */
  readonly canceled: boolean;
}

/** One access-log line with its units made one: microseconds, bytes, epoch microseconds. */
export interface AccessRecord {
  /** Name of the format that was read. */
  readonly format: string;
  readonly startUs: number;
  readonly durationUs: number | null;
  /** Null when the line has no request that HTTP would know. */
  readonly method: string | null;
  /** Path with its query, unescaped; for CONNECT the target. */
  readonly path: string | null;
  readonly host: string | null;
  readonly client: string | null;
  readonly userAgent: string | null;
  /** Null when nothing was sent. */
  readonly status: number | null;
  readonly bytes: number | null;
  /** The cache's word as it was logged; `-` when the cache was not asked; null when the format has none. */
  readonly cacheWord: string | null;
  readonly errorType: ErrorType | null;
  readonly clientTlsReason: TlsReason | null;
  /** In the order they were made, one after the other. */
  readonly attempts: readonly AccessAttempt[];
  /** At least 16 hexadecimal digits; null when the line carries no trace. */
  readonly traceId: string | null;
  /** What no field was found for; null when the line was understood to its end. */
  readonly unread: string | null;
}

/** Reads lines of one format. */
export interface LineDecoder {
  readonly format: string;
  /**
   * The record of a line, or a sentence that says what was expected.
   * `seenUs` is when the line came, in epoch microseconds: the only date that lines of a few formats have.
   */
  decode(line: string, seenUs?: number): AccessRecord | string;
  /** Reads most lines quicker, where the format has such a reader; it learns from the lines that are decoded. */
  readonly plain?: PlainReader | undefined;
}

/**
 * The refusal of a line that is part of a request whose own line comes later, such as a proxy's debug record
 * of one attempt: the decoder keeps what it says. Such a line is understood, and counts as nothing by itself.
 */
export const heldLine = "The line is kept for the line of its request, which comes later.";
