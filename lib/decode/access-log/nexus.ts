import type { AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { type ClfReader, clfReader } from "./clf.ts";
import { millisecondsUs, statusOf, wholeNumber } from "./number.ts";
import { requestLineOf } from "./request-line.ts";
import { clfTimeReader } from "./time.ts";
import { type Token, tokensOf } from "./tokens.ts";

/**
 * Reads Nexus Repository's request.log of any age, and outbound-request.log, whose lines are its requests
 * to remote repositories. Times are those of the end.
 */
export function nexusDecoder(): LineDecoder {
  const readClf = clfReader();
  const readTime = clfTimeReader();
  return {
    format: "nexus",
    decode: (line) =>
      line.startsWith("[") ? outboundLine(line, readTime) : inboundLine(line, readClf),
  };
}

/** How surely a line is Nexus's, from 0 to 1. */
export function nexusLikeness(line: string): number {
  if (outbound.test(line)) return 0.95;
  return /" \d{3} (?:-|\d+)(?: (?:-|\d+))? \d+ "[^"]*" \[[\w-]+\]$/.test(line) ? 0.95 : 0;
}

/** `status [length] sent ms "agent" [thread]`: what was sent and took are the last two numbers before the agent. */
function inboundLine(line: string, readClf: ClfReader): AccessRecord | string {
  const clf = readClf(line);
  if (typeof clf === "string") return clf;
  const tokens = tokensOf(clf.tail);
  const agentAt = tokens.findIndex(({ kind }) => kind === "quoted");
  const numbers = [clf.bytes, ...tokens.slice(0, Math.max(agentAt, 0)).map(({ text }) => text)];
  const durationUs = millisecondsUs(numbers.at(-1));
  if (agentAt < 1) return expected;
  return recordWith("nexus", clf.timeMs * 1000 - (durationUs ?? 0), {
    ...requestLineOf(clf.request),
    client: clf.client,
    userAgent: textOf(tokens[agentAt]),
    durationUs,
    status: statusOf(clf.status),
    bytes: wholeNumber(numbers.at(-2)),
    unread: restOf(tokens.slice(agentAt + 1)),
  });
}

const expected =
  'After the status the bytes and milliseconds were expected, and the agent: `200 - 1024 12 "agent" [thread]`.';
const outbound =
  /^\[(?<time>\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:]{8} [+-]\d{4})\] (?<user>\S+) "(?<request>[^"]*)" (?<status>\d{3}|-) (?<bytes>-?\d+|-) (?<duration>\d+)(?<tail>.*)$/;

/** `[time] user "METHOD url protocol" status length ms "agent" [thread]` */
function outboundLine(
  line: string,
  readTime: (text: string) => number | null,
): AccessRecord | string {
  const groups = outbound.exec(line)?.groups;
  const endMs = readTime(groups?.["time"] ?? "");
  if (groups === undefined || endMs === null) return expectedOutbound;
  const request = requestLineOf(groups["request"] ?? "");
  const durationUs = millisecondsUs(groups["duration"]);
  const status = statusOf(groups["status"]);
  const [agent, ...rest] = tokensOf(groups["tail"] ?? "");
  return recordWith("nexus", endMs * 1000 - (durationUs ?? 0), {
    ...request,
    userAgent: textOf(agent),
    durationUs,
    status,
    bytes: wholeNumber(groups["bytes"]),
    attempts: [attemptWith(null, request.host, { status, durationUs })],
    unread: restOf(rest),
  });
}

const expectedOutbound =
  'The line is no outbound request: expected `[20/Nov/2026:22:09:04 +0000] user "GET url HTTP/1.1" 200 1024 12`.';

function textOf(token: Token | undefined): string | null {
  return token === undefined || token.text === "-" || token.text === "" ? null : token.text;
}

/** The thread joins a request with its outbound requests, but only by chance of time. */
function restOf(tokens: readonly Token[]): string | null {
  const rest = tokens.filter(({ kind }) => kind !== "bracketed");
  return rest.length === 0 ? null : rest.map(({ text }) => text).join(" ");
}
