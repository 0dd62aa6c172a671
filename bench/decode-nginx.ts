import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";

/**
 * Lines decoded and normalized per second of one core's time, so that neighbors do not count: `node bench/decode-nginx.ts`.
 * They come in bodies of a thousand and are split as ingest splits them, which is part of the time.
 */
const log = (text: string): void => void process.stdout.write(`${text}\n`);
const bodies = 50;
const linesOfBody = 1_000;
const passes = 4;
const rounds = 9;
const origin = { proxy: "edge", instance: null };

const timedFormat =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" ua="$upstream_addr" us="$upstream_status" cs=$upstream_cache_status';

const kinds = [
  { name: "combined", logFormat: null, line: (place: number) => combined(place) },
  { name: "timed", logFormat: null, line: (place: number) => combined(place) + timed(place) },
  {
    name: "timed, by log_format",
    logFormat: timedFormat,
    line: (place: number) => combined(place) + timed(place),
  },
  { name: "json", logFormat: null, line: json },
];

for (const { name, logFormat, line } of kinds) {
  const sent = Array.from({ length: bodies }, (_, place) => bodyOf(line, place * linesOfBody));
  const rates = Array.from({ length: rounds }, () => linesPerSecond(sent, logFormat));
  const median = rates.toSorted((a, b) => a - b)[rounds >> 1] ?? 0;
  log(`${name.padEnd(24)} median ${Math.round(median / 1000)} k lines/s`);
}

function bodyOf(line: (place: number) => string, first: number): Buffer {
  return Buffer.from(Array.from({ length: linesOfBody }, (_, at) => line(first + at)).join("\n"));
}

function linesPerSecond(sent: readonly Buffer[], logFormat: string | null): number {
  const decoder = accessLogDecoder({ format: "nginx", logFormat });
  const start = process.threadCpuUsage();
  let attempts = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    for (const body of sent) {
      for (const line of body.toString("utf8").split("\n")) {
        const record = decoder.decode(line);
        if (typeof record === "string") throw new TypeError(record);
        attempts += exchangeOfRecord(record, origin).attempts.length;
      }
    }
  }
  const { user, system } = process.threadCpuUsage(start);
  const seconds = (user + system) / 1_000_000;
  if (attempts < 0) throw new RangeError("No attempts were counted.");
  return (passes * sent.length * linesOfBody) / seconds;
}

function time(place: number): string {
  const second = String(Math.floor(place / 2_000) % 60).padStart(2, "0");
  return `20/Nov/2026:22:09:${second} +0000`;
}

function path(place: number): string {
  const name = ["github.com/!burnt!sushi/toml", "golang.org/x/mod", "github.com/pkg/errors"][
    place % 3
  ];
  return `/${name}/@v/v1.${place % 50}.0.${["info", "mod", "zip"][place % 3]}`;
}

function combined(place: number): string {
  return `10.0.${place % 200}.7 - - [${time(place)}] "GET ${path(place)} HTTP/1.1" 200 ${place % 9000} "-" "Go-http-client/1.1"`;
}

function timed(place: number): string {
  if (place % 10 > 0) {
    return ` rt=0.0${10 + (place % 80)} uct="0.001" uht="0.004" urt="0.0${10 + (place % 80)}" ua="10.1.0.${place % 9}:8080" us="200" cs=MISS`;
  }
  return ` rt=0.003 uct="-, 0.000" uht="-, 0.002" urt="0.000, 0.002" ua="10.1.0.9:8080, 10.1.0.8:8080" us="502, 200" cs=-`;
}

function json(place: number): string {
  return JSON.stringify({
    time_local: time(place),
    remote_addr: "10.0.0.7",
    request: `GET ${path(place)} HTTP/1.1`,
    status: "200",
    body_bytes_sent: String(place % 9000),
    request_time: "0.012",
    upstream_addr: "10.1.0.1:8080",
    upstream_status: "200",
    upstream_connect_time: "0.001",
    upstream_header_time: "0.004",
    upstream_response_time: "0.011",
    upstream_cache_status: "MISS",
    http_user_agent: "Go-http-client/1.1",
  });
}
