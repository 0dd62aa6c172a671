import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";

/** A record that says nothing but when it began, for a format to add what its line says. */
export function recordWith(
  format: string,
  startUs: number,
  said: Partial<Omit<AccessRecord, "format" | "startUs">>,
): AccessRecord {
  return { ...blankRecord, ...said, format, startUs };
}

/** An attempt that says nothing but whom it asked. */
export function attemptWith(
  upstream: string | null,
  endpoint: string | null,
  said: Partial<Omit<AccessAttempt, "upstream" | "endpoint">>,
): AccessAttempt {
  return { ...blankAttempt, ...said, upstream, endpoint };
}

const blankRecord: AccessRecord = {
  format: "",
  startUs: 0,
  durationUs: null,
  method: null,
  path: null,
  host: null,
  client: null,
  userAgent: null,
  status: null,
  bytes: null,
  cacheWord: null,
  errorType: null,
  clientTlsReason: null,
  attempts: [],
  traceId: null,
  unread: null,
};

const blankAttempt: AccessAttempt = {
  upstream: null,
  endpoint: null,
  status: null,
  durationUs: null,
  errorType: null,
  tlsReason: null,
  canceled: false,
};
