import type { LocalClock } from "#lib/core/local-clock.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import { type AccessAttempt, type AccessRecord, heldLine } from "#lib/decode/access-record.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";

import { recordWith } from "../blank.ts";
import { type Failure, failureOf } from "../failure-text.ts";
import { requestLineOf } from "../request-line.ts";
import { isoTimeUs } from "../time.ts";

/** What nginx's error log adds to the access lines of the same stream, as of a container that writes both. */
export interface ErrorLog {
  /**
   * Reads an error line: a failed handshake with a client is a record of its own, as no access line tells of it;
   * what belongs to a request is kept for its access line. Null for a line that is none of the error log.
   */
  read(line: string): AccessRecord | string | null;
  /** The record with what error lines before it said of its request. */
  explained(record: AccessRecord): AccessRecord;
  /** Whether anything is kept for an access line to come. */
  isHolding(): boolean;
}

export function errorLog(clock: LocalClock): ErrorLog {
  const held = new Map<string, Held>();
  return {
    read: (line) => readLine(line, held, clock),
    isHolding: () => held.size > 0,
    explained(record) {
      if (held.size === 0) return record;
      const key = keyOf(record);
      const said = held.get(key);
      if (said === undefined) return record;
      held.delete(key);
      return withReasons(record, said);
    },
  };
}

/** Whether a line is one of nginx's error log. */
export function isErrorLine(line: string): boolean {
  return errorLine.test(line);
}

/** What error lines said of one request: of its client, and upstream by upstream in the order they were asked. */
interface Held {
  readonly clientTlsReason: TlsReason | null;
  readonly failures: readonly { readonly endpoint: string; readonly failure: Failure }[];
}

/** Requests whose access line never comes are forgotten all at once. */
const heldMax = 1_000;
const failuresMax = 100;
const errorLine =
  /^(?<day>\d{4}\/\d\d\/\d\d) (?<clock>\d\d:\d\d:\d\d) \[\w+\] \d+#\d+: (?:\*\d+ )?(?<message>.*)$/;
const fieldsStart = ", client: ";
const saysNothing = "The error-log line tells of no request's outcome.";

function readLine(
  line: string,
  held: Map<string, Held>,
  localClock: LocalClock,
): AccessRecord | string | null {
  const groups = errorLine.exec(line)?.groups;
  if (groups === undefined) return null;
  const { day = "", clock = "", message = "" } = groups;
  const at = message.indexOf(fieldsStart);
  if (at < 0) return saysNothing;
  const text = message.slice(0, at);
  const fields = fieldsOf(message.slice(at));
  if (text.endsWith("while SSL handshaking")) {
    const startUs = isoTimeUs(`${day.replaceAll("/", "-")} ${clock}`, localClock) ?? 0;
    return recordWith("nginx", startUs, {
      client: fields.client,
      clientTlsReason: tlsReasonOf(text) ?? "other",
    });
  }
  return hold(held, text, fields);
}

interface Fields {
  readonly client: string;
  readonly request: string | null;
  readonly endpoint: string | null;
}

/** The fields are not escaped: a request may hold quotes, and ends where the next field begins. */
function fieldsOf(text: string): Fields {
  const request = /, request: "(.*?)"(?:, (?:subrequest|upstream|host|referrer): "|$)/.exec(text);
  const upstream = /, upstream: "\w+:\/\/(unix:[^:"]+|[^/"]+)/.exec(text);
  return {
    client: /^, client: ([^,]*)/.exec(text)?.[1] ?? "",
    request: request?.[1] ?? null,
    endpoint: upstream?.[1] ?? null,
  };
}

function hold(held: Map<string, Held>, text: string, fields: Fields): string {
  const said = saidBy(text, fields);
  if (said === null || fields.request === null) return saysNothing;
  if (held.size >= heldMax) held.clear();
  const { method, path } = requestLineOf(fields.request);
  const key = keyOf({ client: fields.client, method, path });
  const before = held.get(key);
  held.set(key, {
    clientTlsReason: said.clientTlsReason ?? before?.clientTlsReason ?? null,
    failures: [...(before?.failures ?? []).slice(-failuresMax), ...said.failures],
  });
  return heldLine;
}

function saidBy(text: string, { endpoint }: Fields): Held | null {
  if (endpoint !== null) {
    return { clientTlsReason: null, failures: [{ endpoint, failure: failureOf(text) }] };
  }
  const clientTlsReason = /\bclient\b.*(?:SSL certificate|HTTPS port)/.test(text)
    ? tlsReasonOf(text)
    : null;
  return clientTlsReason === null ? null : { clientTlsReason, failures: [] };
}

function keyOf({ client, method, path }: Pick<AccessRecord, "client" | "method" | "path">): string {
  return `${client ?? ""} ${method ?? ""} ${path ?? ""}`;
}

function withReasons(record: AccessRecord, held: Held): AccessRecord {
  const left = [...held.failures];
  const attempts = record.attempts.map((attempt) => {
    if (attempt.errorType === null) return attempt;
    const place = left.findIndex(({ endpoint }) => endpoint === attempt.endpoint);
    const [found] = place < 0 ? [] : left.splice(place, 1);
    return found === undefined ? attempt : withReason(attempt, found.failure);
  });
  const wasLast = record.errorType === record.attempts.at(-1)?.errorType;
  return {
    ...record,
    attempts,
    errorType: wasLast ? (attempts.at(-1)?.errorType ?? null) : record.errorType,
    clientTlsReason: held.clientTlsReason ?? record.clientTlsReason,
  };
}

/** The error log knows TLS, names and routes better than the access line; the rest both know. */
function withReason(attempt: AccessAttempt, { errorType, tlsReason }: Failure): AccessAttempt {
  if (tlsReason !== null) {
    return {
      ...attempt,
      tlsReason,
      errorType: tlsReason === "timeout" ? attempt.errorType : errorType,
    };
  }
  const isTold = errorType === "dns_error" || errorType === "destination_ip_unroutable";
  return isTold ? { ...attempt, errorType } : attempt;
}
