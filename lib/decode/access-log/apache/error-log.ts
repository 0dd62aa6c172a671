import type { LocalClock } from "#lib/core/local-clock.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import { type AccessRecord, heldLine } from "#lib/decode/access-record.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";

import { recordWith } from "../blank.ts";
import { isoTimeUs } from "../time.ts";

/**
 * A reader of Apache's error log: the handshakes with clients that failed, of which no access line tells.
 * Apache writes the reason in a line of its own, before or behind, by the same process and thread.
 * Null for a line that is none of the error log; a refusal for one that tells of no handshake.
 */
export function apacheErrorLog(clock: LocalClock): (line: string) => AccessRecord | string | null {
  const held = new Map<string, Handshake>();
  return (line) => {
    const groups = errorLine.exec(line)?.groups;
    if (groups === undefined) return null;
    const startUs = timeUs(groups, clock);
    if (startUs === null) return null;
    const { thread = "", message = "" } = groups;
    return readMessage(message, thread, startUs, held);
  };
}

/** Whether a line is one of Apache's error log. */
export function isApacheErrorLine(line: string): boolean {
  return errorLine.test(line);
}

/** What is known so far of a handshake that failed. */
interface Handshake {
  /** Null while only the certificate's fault is known. */
  readonly client: string | null;
  readonly reason: TlsReason | null;
}

/** Threads whose second line never comes are forgotten all at once. */
const heldMax = 1_000;
const errorLine =
  /^\[[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<clock>\d\d:\d\d:\d\d(?:\.\d+)?) (?<year>\d{4})\] \[[^\]]*\](?: \[pid (?<thread>\d+(?::tid \d+)?)\])? (?<message>.*)$/;
const failed = /\[client (?<client>[^\]]+)\] (?<code>AH\d{5}): (?<text>.*)$/;
const saysNothing = "The error-log line tells of no handshake with a client.";
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function timeUs(
  { month = "", day = "", clock = "", year = "" }: Record<string, string>,
  localClock: LocalClock,
): number | null {
  const place = String(months.indexOf(month) + 1).padStart(2, "0");
  return isoTimeUs(`${year}-${place}-${day.replace(" ", "0")}T${clock}`, localClock);
}

function readMessage(
  message: string,
  thread: string,
  startUs: number,
  held: Map<string, Handshake>,
): AccessRecord | string {
  const found = failed.exec(message)?.groups;
  if (found === undefined) return readLibraryError(message, thread, startUs, held);
  const { client = "", code = "", text = "" } = found;
  const reason = plainReasons[code];
  if (reason !== undefined) return failure(startUs, addressOf(client), reason);
  const before = held.get(thread) ?? nothing;
  // In the order of one handshake: the certificate's fault, the failure, the library's word for it.
  if (code === "AH02276") return hold(held, thread, { ...before, reason: tlsReasonOf(text) });
  if (code === "AH02008") return hold(held, thread, { ...before, client: addressOf(client) });
  return saysNothing;
}

const nothing: Handshake = { client: null, reason: null };
const plainReasons: Readonly<Record<string, TlsReason>> = {
  AH02006: "eof",
  AH01996: "http_request",
};

function readLibraryError(
  message: string,
  thread: string,
  startUs: number,
  held: Map<string, Handshake>,
): AccessRecord | string {
  const { client, reason } = held.get(thread) ?? nothing;
  if (client === null || !message.startsWith("SSL Library Error:")) return saysNothing;
  held.delete(thread);
  return failure(startUs, client, reason ?? tlsReasonOf(message) ?? "other");
}

function hold(held: Map<string, Handshake>, thread: string, handshake: Handshake): string {
  if (held.size >= heldMax) held.clear();
  held.set(thread, handshake);
  return heldLine;
}

function failure(startUs: number, client: string, clientTlsReason: TlsReason): AccessRecord {
  return recordWith("apache", startUs, { client, clientTlsReason });
}

function addressOf(client: string): string {
  return client.replace(/:\d+$/, "");
}
