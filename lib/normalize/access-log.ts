import type { Attempt, Exchange } from "#lib/core/exchange.ts";
import { moduleRequestOf } from "#lib/core/module-request.ts";
import { plausibleBytes, plausibleDurationUs, plausibleStatus } from "#lib/core/plausible.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";

import { cacheOutcomeOf } from "./cache-outcome.ts";
import { traceHashOf } from "./trace-hash.ts";

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
    durationUs: plausibleDurationUs(record.durationUs),
    method: record.method,
    path: record.path,
    status: plausibleStatus(record.status),
    errorType: record.errorType,
    cache: cacheOutcomeOf(record.cacheWord),
    bytes: plausibleBytes(record.bytes),
    module: record.path === null ? null : moduleRequestOf(record.path),
    clientTlsReason: record.clientTlsReason,
    attempts: attemptsInTurn(record.attempts, record.startUs),
    traceHash: record.traceId === null ? null : traceHashOf(record.traceId),
  };
}

const noAttempts: readonly Attempt[] = [];

/** What is told of one request happened within this time: a record with wild times must not reach into other days. */
const spreadUsMax = 3_600_000_000;

/** The attempts that one record tells of follow each other: each starts when those before it were over. */
export function attemptsInTurn(
  attempts: readonly AccessAttempt[],
  firstUs: number,
): readonly Attempt[] {
  if (attempts.length === 0) return noAttempts;
  let startUs = firstUs;
  return attempts.map((attempt) => {
    const made = attemptAt(attempt, startUs);
    startUs = nextAttemptUs(startUs, made.durationUs ?? 0, firstUs);
    return made;
  });
}

/** When the attempt began that follows one of this duration (below 0: not measured), of attempts the first of which began then. */
export function nextAttemptUs(startUs: number, durationUs: number, firstUs: number): number {
  return Math.min(startUs + Math.max(0, durationUs), firstUs + spreadUsMax);
}

function attemptAt(attempt: AccessAttempt, startUs: number): Attempt {
  return {
    upstream: attempt.upstream ?? attempt.endpoint ?? unknownUpstream,
    endpoint: attempt.endpoint,
    startUs,
    durationUs: plausibleDurationUs(attempt.durationUs),
    status: plausibleStatus(attempt.status),
    errorType: attempt.errorType,
    tlsReason: attempt.tlsReason,
    canceled: attempt.canceled,
  };
}

const unknownUpstream = "unknown";
