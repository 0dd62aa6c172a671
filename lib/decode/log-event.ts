import type { LocalClock } from "#lib/core/local-clock.ts";
import { severityOfWord } from "#lib/core/log-severity.ts";

import { asObject, jsonObject, textIn } from "./access-log/json.ts";
import { epochTimeUs, isoTimeUs } from "./access-log/time.ts";
import { criPart, unwrapped } from "./access-log/unwrap.ts";

/** What a line says of itself that is no request. */
export interface LogEvent {
  /** Whether it was understood as a line of a program's own log. */
  readonly isUnderstood: boolean;
  /** The line without what its transport put around it; where it was not understood, without CRI's prefix only. */
  readonly text: string;
  /** Epoch microseconds; null when it does not say. */
  readonly atUs: number | null;
  /** OpenTelemetry's number; 0 when it does not say. */
  readonly severity: number;
  readonly severityText: string | null;
  /** 32 hex digits. */
  readonly traceId: string | null;
}

/**
 * Reads a line that tells of an event rather than a request: error logs of nginx, Apache, HAProxy, Squid and Envoy, and
 * what else writes its level, as text, logfmt or JSON.
 */
export function logEventOf(line: string, clock: LocalClock): LogEvent {
  const text = unwrapped(line);
  const said = text.startsWith("{") ? jsonEvent(text, clock) : textEvent(text, clock);
  const event = {
    isUnderstood: said !== null,
    text: said === null ? (criPart(line)?.text ?? line) : text,
  };
  return { ...event, ...withPriority(said ?? nothing, syslogPriority.exec(line)?.[1]) };
}

type Said = Omit<LogEvent, "isUnderstood" | "text">;

const nothing: Said = { atUs: null, severity: 0, severityText: null, traceId: null };

/** The priority of syslog is the sender's word, where the line itself has none. */
function withPriority(said: Said, priority: string | undefined): Said {
  if (said.severity !== 0 || priority === undefined) return said;
  return { ...said, ...syslogLevels[Number(priority) % 8] };
}

const syslogPriority = /^<(\d{1,3})>/;
const syslogLevels = [
  { severity: 21, severityText: "emerg" },
  { severity: 19, severityText: "alert" },
  { severity: 18, severityText: "crit" },
  { severity: 17, severityText: "err" },
  { severity: 13, severityText: "warning" },
  { severity: 10, severityText: "notice" },
  { severity: 9, severityText: "info" },
  { severity: 5, severityText: "debug" },
] as const;

const level =
  "(?<level>trace|debug|info|notice|warn(?:ing)?|error|err|crit(?:ical)?|alert|emerg|fatal|panic)";
const clockTime = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const isoLike = String.raw`\d{4}[-/]\d\d[-/]\d\d[T ]${clockTime}(?:Z|[+-]\d\d:?\d\d)?`;

/** Each is anchored, and each part ends where the next begins. */
const forms: readonly RegExp[] = [
  // nginx: `2026/11/20 22:09:04 [error] 12#12: *1 connect() failed`
  new RegExp(`^(?<time>${isoLike}) \\[${level}\\] \\d+#\\d+: `, "i"),
  // Apache: `[Fri Nov 20 22:09:04.123456 2026] [proxy:error] [pid 9] AH01114: ...`
  new RegExp(
    `^\\[[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) (?<clock>${clockTime}) (?<year>\\d{4})\\] \\[(?:\\w*:)?${level}\\]`,
    "i",
  ),
  // Apache to syslog, which dates the line: `[core:error] [pid 9] [client 10.0.0.1:5] AH00126: ...`
  new RegExp(`^\\[(?:\\w*:)?${level}\\] (?=\\[(?:pid|client) |Apache)`, "i"),
  // Envoy: `[2026-11-20 22:09:04.123][1][warning][config] ...`
  new RegExp(`^\\[(?<time>${isoLike})\\]\\[\\d+\\]\\[${level}\\]`, "i"),
  // HAProxy to its terminal: `[WARNING]  (8) : Server be/s1 is DOWN`
  new RegExp(`^\\[${level}\\] +(?:\\d+/\\d+ )?\\(\\d+\\) : `, "i"),
  // HAProxy to syslog
  /^(?:(?:Backup )?[Ss]erver \S+ is (?:UP|DOWN|going|stopping)|Health check for (?:backup )?server |(?:backend|proxy|Proxy|Frontend) \S+ (?:has no server available|started|stopped)|Stopping (?:frontend|backend|proxy) )/,
  // HAProxy's default, which tells of a connection and of nothing that came of it
  /^Connect from \S+:\d+ to \S+:\d+ \(\S+\/(?:HTTP|TCP)\)$/,
  // Athens' plain log: `INFO[3:04PM]: message`
  new RegExp(`^${level}\\[\\d{1,2}:\\d\\d[AP]M\\]: `, "i"),
  // Athens before it starts: `2020-03-06 07:11:30.671249 I | Starting application`
  new RegExp(`^(?<time>${isoLike}) (?<letter>[CEWNIDT]) \\| `),
  // A plugin of Traefik: `DEBUG: Name: 2026/11/20 22:09:04 message`
  new RegExp(`^${level}: [\\w-]+: (?<time>${isoLike}) `, "i"),
  // What Squid writes below a line of its log
  /^ {4}(?:connection|current master transaction): |^(?:CPU Usage|Maximum Resident Size|Page faults with physical i\/o): /,
  // Squid: `2026/11/20 22:09:04 kid1| WARNING: ...`
  new RegExp(`^(?<time>${isoLike})(?: kid\\d+)?\\| (?:${level}: )?`, "i"),
  // logfmt: `time="2026-11-20T22:09:04Z" level=error msg="..."`
  new RegExp(`^(?:time|ts|t)="?(?<time>${isoLike})"? level="?${level}\\b`, "i"),
  // A time and then a level, as of Traefik, Caddy and Artifactory
  new RegExp(`^(?<time>${isoLike})[\\t ]+(?:\\[[\\w-]+ *\\] *)?\\[?${level}\\b`, "i"),
  // Go's own log: `2026/11/20 22:09:04 http: TLS handshake error from ...`
  new RegExp(`^(?<time>\\d{4}/\\d\\d/\\d\\d ${clockTime}) (?:http|http2|tls|reverseproxy): `),
];

function textEvent(text: string, clock: LocalClock): Said | null {
  const found = firstForm(text);
  if (found === null) return null;
  const groups = found.groups ?? {};
  const word = groups["level"] ?? letters[groups["letter"] ?? ""] ?? null;
  return {
    atUs: timeOf(groups, clock),
    severity: word === null ? 0 : severityOfWord(word),
    severityText: word,
    traceId: traceIdIn(/\btrace[_-]?id"?[=:]"?([0-9a-f]{32})\b/i.exec(text)?.[1]),
  };
}

function firstForm(text: string): RegExpExecArray | null {
  for (const form of forms) {
    const found = form.exec(text);
    if (found !== null) return found;
  }
  return null;
}

/** The levels of etcd's logger. */
const letters: Readonly<Record<string, string>> = {
  C: "critical",
  E: "error",
  W: "warning",
  N: "notice",
  I: "info",
  D: "debug",
  T: "trace",
};

function timeOf(groups: Record<string, string>, clock: LocalClock): number | null {
  const { time, month = "", day = "", clock: wall = "", year = "" } = groups;
  if (time !== undefined) return isoTimeUs(withDashes(time), clock);
  const place = months.indexOf(month.toLowerCase()) + 1;
  if (place === 0) return null;
  const date = `${year}-${String(place).padStart(2, "0")}-${day.replace(" ", "0")}`;
  return isoTimeUs(`${date}T${wall}`, clock);
}

const months = ["jan", "feb", "mar", "apr", "may", "jun"].concat([
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
]);

function withDashes(time: string): string {
  return time.replace(/^(\d{4})\/(\d\d)\/(\d\d)/, "$1-$2-$3");
}

function jsonEvent(text: string, clock: LocalClock): Said | null {
  const object = jsonObject(text);
  if (object === null) return null;
  const word = textIn(object, "level", "severity", "lvl", "log.level");
  const severity = word === null ? 0 : severityOfWord(word);
  if (severity === 0 || textIn(object, "msg", "message", "event", "error") === null) return null;
  const time = object["time"] ?? object["ts"] ?? object["timestamp"] ?? object["@timestamp"];
  const trace = asObject(object["trace"]);
  return {
    atUs: timeIn(time, clock),
    severity,
    severityText: word,
    traceId: traceIdIn(
      textIn(object, "trace_id", "traceId", "traceID", "trace.id") ??
        (trace === null ? null : textIn(trace, "id")),
    ),
  };
}

function timeIn(time: unknown, clock: LocalClock): number | null {
  if (typeof time === "number") return epochTimeUs(time.toFixed(6));
  if (typeof time !== "string") return null;
  return isoTimeUs(withDashes(time), clock) ?? epochTimeUs(time);
}

function traceIdIn(text: string | null | undefined): string | null {
  if (text === null || text === undefined || !/^[0-9a-f]{32}$/i.test(text)) return null;
  return /^0+$/.test(text) ? null : text.toLowerCase();
}
