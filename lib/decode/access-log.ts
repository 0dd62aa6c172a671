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

/** What is known of a stream of lines before the first is read. */
export interface AccessLogStream {
  /** One of `accessLogFormats`. */
  readonly format: string;
  /** The proxy's own description of its lines, such as nginx's `log_format`; null when none was given. */
  readonly logFormat: string | null;
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
  readonly decoder: (logFormat: string | null) => LineDecoder;
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
export function accessLogDecoder(stream: AccessLogStream): LineDecoder {
  const inner =
    stream.format === "auto" ? detectingDecoder(stream.logFormat) : namedDecoder(stream);
  return {
    get format() {
      return inner.format;
    },
    decode(line, seenUs) {
      const text = unwrapped(line);
      const sentUs = text === line ? null : transportTimeUs(line);
      return inner.decode(text, sentUs ?? seenUs);
    },
  };
}

function namedDecoder(stream: AccessLogStream): LineDecoder {
  const format = formats.find(({ name }) => name === stream.format);
  if (format !== undefined) return format.decoder(stream.logFormat);
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
function detectingDecoder(logFormat: string | null): LineDecoder {
  let current: LineDecoder | null = null;
  return {
    get format() {
      return current?.format ?? "auto";
    },
    decode(line, seenUs): AccessRecord | string {
      const first = current?.decode(line, seenUs);
      if (first !== undefined && typeof first !== "string") return first;
      const { format } = detectFormat([line]);
      if (format === "unknown" || format === current?.format) return first ?? unknownLine;
      const next = namedDecoder({ format, logFormat });
      const second = next.decode(line, seenUs);
      if (typeof second !== "string" || second === heldLine) current = next;
      return second;
    },
  };
}

const unknownLine = `The line is of no format known here (${formats.map(({ name }) => name).join(", ")}): name its format with ?format= and, for nginx, ?log_format=.`;
