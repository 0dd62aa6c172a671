import type { Attempt, Bits64, Exchange } from "#lib/core/exchange.ts";
import { moduleRequestOf } from "#lib/core/module-request.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";

import { cacheOutcomeOf } from "./cache-outcome.ts";

/** Whose log a record is from. */
export interface RecordOrigin {
  readonly proxy: string;
  readonly instance: string | null;
}

/** The exchange that one access-log line tells of. */
export function exchangeOfRecord(record: AccessRecord, origin: RecordOrigin): Exchange {
  return {
    proxy: origin.proxy,
    instance: origin.instance,
    source: "logs",
    startUs: record.startUs,
    durationUs: record.durationUs,
    method: record.method,
    path: record.path,
    status: record.status,
    errorType: record.errorType,
    cache: cacheOutcomeOf(record.cacheWord),
    bytes: record.bytes,
    module: record.path === null ? null : moduleRequestOf(record.path),
    clientTlsReason: record.clientTlsReason,
    attempts: attemptsOf(record),
    traceHash: record.traceId === null ? null : traceHashOf(record.traceId),
  };
}

const noAttempts: readonly Attempt[] = [];

/** One line's attempts follow each other: each starts when those before it were over. */
function attemptsOf(record: AccessRecord): readonly Attempt[] {
  if (record.attempts.length === 0) return noAttempts;
  let startUs = record.startUs;
  return record.attempts.map((attempt) => {
    const made = attemptAt(attempt, startUs);
    startUs += attempt.durationUs ?? 0;
    return made;
  });
}

function attemptAt(attempt: AccessAttempt, startUs: number): Attempt {
  return {
    upstream: attempt.upstream ?? attempt.endpoint ?? unknownUpstream,
    endpoint: attempt.endpoint,
    startUs,
    durationUs: attempt.durationUs,
    status: attempt.status,
    errorType: attempt.errorType,
    tlsReason: attempt.tlsReason,
    canceled: attempt.canceled,
  };
}

const unknownUpstream = "unknown";

/** The last 8 bytes of a trace id in hexadecimal; null when it is none, or all zero. */
function traceHashOf(traceId: string): Bits64 | null {
  if (traceId.length < 16) return null;
  const high = halfOf(traceId, traceId.length - 16);
  const low = halfOf(traceId, traceId.length - 8);
  if (high === null || low === null || (high === 0 && low === 0)) return null;
  return { high, low };
}

/** Eight hexadecimal digits as an unsigned number; null when one is none. */
function halfOf(text: string, from: number): number | null {
  let value = 0;
  for (let at = from; at < from + 8; at += 1) {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit < 0) return null;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
