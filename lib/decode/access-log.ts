import { type LocalClock, localClock, utcClock } from "#lib/core/local-clock.ts";

import { apacheDecoder, apacheLikeness } from "./access-log/apache.ts";
import { artifactoryDecoder, artifactoryLikeness } from "./access-log/artifactory.ts";
import { athensDecoder, athensLikeness } from "./access-log/athens.ts";
import { caddyDecoder, caddyLikeness } from "./access-log/caddy.ts";
import { envoyDecoder, envoyLikeness } from "./access-log/envoy.ts";
import { goproxyDecoder, goproxyLikeness } from "./access-log/goproxy.ts";
import { haproxyDecoder, haproxyLikeness } from "./access-log/haproxy.ts";
import { nexusDecoder, nexusLikeness } from "./access-log/nexus.ts";
import { nginxDecoder, nginxLikeness } from "./access-log/nginx.ts";
import { squidDecoder, squidLikeness } from "./access-log/squid.ts";
import { traefikDecoder, traefikLikeness } from "./access-log/traefik.ts";
import { transportTimeUs, unwrapped } from "./access-log/unwrap.ts";
import { varnishDecoder, varnishLikeness } from "./access-log/varnish.ts";
import { type AccessRecord, heldLine, type LineDecoder } from "./access-record.ts";
import { type LogEvent, logEventOf } from "./log-event.ts";

/** What is known of a stream of lines before the first is read. */
export interface AccessLogStream {
  /** One of `accessLogFormats`. */
  readonly format: string;
  /** The proxy's own description of its lines, such as nginx's `log_format`; null when none was given. */
  readonly logFormat: string | null;
  /** IANA zone of times that are written without one; UTC when absent. */
  readonly timeZone?: string | null | undefined;
}

/** Reads the lines of one stream. */
export interface StreamDecoder extends LineDecoder {
  /** What a line says of itself that the decoder refused or keeps for another. */
  event(line: string, seenUs: number): LogEvent;
}

export interface DetectedFormat {
  /** One of `accessLogFormats` but `auto`; `unknown` when no line is of any. */
  readonly format: string;
  readonly logFormat: string | null;
  /** From 0 (a guess) to 1. */
  readonly confidence: number;
}

interface Format {
  readonly name: string;
  readonly likeness: (line: string) => number;
  readonly decoder: (logFormat: string | null, clock: LocalClock) => LineDecoder;
}

const formats: readonly Format[] = [
  { name: "nginx", likeness: nginxLikeness, decoder: nginxDecoder },
  { name: "haproxy", likeness: haproxyLikeness, decoder: haproxyDecoder },
  { name: "envoy", likeness: envoyLikeness, decoder: envoyDecoder },
  { name: "traefik", likeness: traefikLikeness, decoder: traefikDecoder },
  { name: "caddy", likeness: caddyLikeness, decoder: caddyDecoder },
  { name: "squid", likeness: squidLikeness, decoder: squidDecoder },
  { name: "varnish", likeness: varnishLikeness, decoder: varnishDecoder },
  { name: "apache", likeness: apacheLikeness, decoder: apacheDecoder },
  { name: "artifactory", likeness: artifactoryLikeness, decoder: artifactoryDecoder },
  { name: "nexus", likeness: nexusLikeness, decoder: nexusDecoder },
  { name: "athens", likeness: athensLikeness, decoder: athensDecoder },
  { name: "goproxy", likeness: goproxyLikeness, decoder: goproxyDecoder },
];

/** Accepted values of `?format=`. */
export const accessLogFormats: readonly string[] = ["auto", ...formats.map(({ name }) => name)];

/**
 * A decoder for the lines of one stream, to be kept for the stream: it remembers what it found out.
 * A refused line gives a sentence that says what was expected.
 */
export function accessLogDecoder(stream: AccessLogStream): StreamDecoder {
  let seen: number | null = null;
  const zone = stream.timeZone ?? "UTC";
  const clock = zone === "UTC" ? utcClock : localClock(zone, () => seen);
  const inner =
    stream.format === "auto"
      ? detectingDecoder(stream.logFormat, clock)
      : namedDecoder(stream, clock);
  return {
    get format() {
      return inner.format;
    },
    get plain() {
      return inner.plain;
    },
    decode(line, seenUs) {
      const text = unwrapped(line);
      const sentUs = text === line ? null : transportTimeUs(line);
      seen = sentUs ?? seenUs ?? null;
      const found = inner.decode(text, seen ?? undefined);
      return typeof found === "string" || isTold(found.startUs) ? found : timeOutOfRange;
    },
    event(line, seenUs) {
      const sentUs = transportTimeUs(line);
      seen = sentUs ?? seenUs;
      const event = logEventOf(line, clock);
      return { ...event, atUs: event.atUs ?? sentUs };
    },
  };
}

const timeOutOfRange = "The time of the line lies outside of the years 1970 to 2255.";

/** Microseconds of other years are no exact numbers, and no proxy's. */
function isTold(startUs: number): boolean {
  return startUs >= 0 && Number.isSafeInteger(startUs);
}

/** The longest that people write has some hundred; the time to compile one grows with its square. */
const logFormatLengthMax = 8_192;

function namedDecoder(stream: AccessLogStream, clock: LocalClock): LineDecoder {
  if ((stream.logFormat?.length ?? 0) > logFormatLengthMax) {
    const refusal = `The log format is longer than ${logFormatLengthMax} characters.`;
    return { format: stream.format, decode: () => refusal };
  }
  const format = formats.find(({ name }) => name === stream.format);
  if (format !== undefined) return format.decoder(stream.logFormat, clock);
  const refusal = `No such format as ${JSON.stringify(stream.format)}: expected one of ${accessLogFormats.join(", ")}.`;
  return { format: stream.format, decode: () => refusal };
}

/** The format that most lines look like; the confidence is its mean likeness over all lines. */
export function detectFormat(lines: readonly string[]): DetectedFormat {
  const sums = formats.map(({ name, likeness }) => ({
    name,
    sum: lines.reduce((sum, line) => sum + likeness(unwrapped(line)), 0),
  }));
  const best = sums.reduce((a, b) => (b.sum > a.sum ? b : a));
  if (best.sum === 0) return { format: "unknown", logFormat: null, confidence: 0 };
  return { format: best.name, logFormat: null, confidence: best.sum / lines.length };
}

/** Keeps the format of the last line that was understood, and looks again at a line which that one refuses. */
function detectingDecoder(logFormat: string | null, clock: LocalClock): LineDecoder {
  let current: LineDecoder | null = null;
  return {
    get format() {
      return current?.format ?? "auto";
    },
    get plain() {
      return current?.plain;
    },
    decode(line, seenUs): AccessRecord | string {
      const first = current?.decode(line, seenUs);
      if (first !== undefined && typeof first !== "string") return first;
      const { format } = detectFormat([line]);
      if (format === "unknown" || format === current?.format) return first ?? unknownLine;
      const next = namedDecoder({ format, logFormat }, clock);
      const second = next.decode(line, seenUs);
      if (typeof second !== "string" || second === heldLine) current = next;
      return second;
    },
  };
}

const unknownLine = `The line is of no format known here (${formats.map(({ name }) => name).join(", ")}): name its format with ?format= and, for nginx, ?log_format=.`;
