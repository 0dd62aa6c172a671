import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";
import type { LineDecoder } from "#lib/decode/access-record.ts";

import { combinedScanner, type Scan } from "./nginx/combined.ts";
import { errorLog, isErrorLine } from "./nginx/error-log.ts";
import { jsonScanner } from "./nginx/json.ts";
import { compiledLogFormat, type LogFormat } from "./nginx/log-format.ts";
import { combinedLayout, jsonLayout, templateLayout } from "./nginx/plain-layouts.ts";
import { NginxPlainReader } from "./nginx/plain-reader.ts";
import { recordMaker } from "./nginx/record.ts";
import { forget, noValues, type Values } from "./nginx/variables.ts";
import type { PlainLayout } from "./plain-layout.ts";
import { anyTimeReader } from "./time.ts";

/**
 * Reads nginx access lines: with a `log_format`, by it; without, combined with whatever was appended,
 * ingress-nginx, Nginx Proxy Manager and JSON by what stands in the line. Lines of the error log in between
 * tell why attempts and handshakes failed.
 */
export function nginxDecoder(logFormat: string | null, clock: LocalClock = utcClock): LineDecoder {
  const compiled = logFormat === null ? null : compiledLogFormat(logFormat);
  if (typeof compiled === "string") return { format: "nginx", decode: () => compiled };
  const scan = compiled === null ? shapeScanner() : scannerOf(compiled);
  const recordOf = recordMaker();
  const values = noValues();
  const errors = errorLog(clock);
  const plain = new NginxPlainReader({
    layoutOf: compiled === null ? shapeLayout : (line) => formatLayout(compiled, line),
    readTime: anyTimeReader(),
    isHolding: () => errors.isHolding(),
  });
  return {
    format: "nginx",
    plain,
    decode(line) {
      forget(values);
      const found = scan(line, values);
      if ("refusal" in found) return errors.read(line) ?? found.refusal;
      const record = recordOf(values, found);
      if (typeof record === "string") return record;
      plain.learn(line);
      return errors.explained(record);
    },
  };
}

/** How surely a line is nginx's, from 0 to 1, by its shape alone. */
export function nginxLikeness(line: string): number {
  if (isErrorLine(line)) return 0.9;
  const values = noValues();
  const found = shapeScanner()(line, values);
  if ("refusal" in found || typeof recordMaker()(values, found) === "string") return 0;
  if (isOurs.test(line) || ingressTail.test(line)) return 0.9;
  return line.startsWith("{") ? 0.3 : 0.5;
}

const isOurs =
  /\b(?:u[achr]?t|rt|us|ua|cs)=|"(?:upstream_(?:addr|status|cache_status)|request_time|body_bytes_sent|time_local)"|\[Sent-to |\\x[0-9A-F]{2}/;

type Scanner = (line: string, values: Values) => Scan;

function scannerOf(format: LogFormat): Scanner {
  return format.isJson ? jsonScanner(format.keys) : format.scan;
}

const ingressFormat =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $request_id';
const ingressTail = /" \d+ \d+\.\d{3} \[[^\]]*\] \[[^\]]*\] /;

/** Nginx Proxy Manager: `$manager_server` stands for its `$server`, which elsewhere is the name of the virtual host. */
const managerFormats = [
  '[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $http_host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $manager_server] "$http_user_agent" "$http_referer"',
  '[$time_local] $status - $request_method $scheme $http_host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "$http_user_agent" "$http_referer"',
  '[$time_local] $upstream_cache_status $status - $request_method $scheme $http_host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $manager_server] "$http_user_agent" "$http_referer"',
];

const managerStart = /^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:[^\]]{14}\] /;

const ingress = builtIn(ingressFormat);
const scanManager = managerFormats.map((format) => builtIn(format).scan);
const noKeys: ReadonlyMap<string, number> = new Map();

function builtIn(format: string): LogFormat {
  const compiled = compiledLogFormat(format);
  if (typeof compiled === "string") throw new TypeError(compiled);
  return compiled;
}

/** Tells by its shape which of nginx's formats a line is of. */
function shapeScanner(): Scanner {
  const scanCombined = combinedScanner();
  const scanJson = jsonScanner(noKeys);
  return (line, values) => {
    const first = line.charCodeAt(0);
    if (first === brace) return scanJson(line, values);
    if (first === bracket && managerStart.test(line)) return scanFirst(scanManager, line, values);
    if (mayBeIngress(line) && ingressTail.test(line)) return ingress.scan(line, values);
    return scanCombined(line, values);
  };
}

const [bracket, brace] = [91, 123];

/** Whether there is a second bracket, which a combined line with its time has none of. */
function mayBeIngress(line: string): boolean {
  const first = line.indexOf("[");
  return line.indexOf("[", first + 1) > 0 && line.includes("] [");
}

function formatLayout({ isJson, keys, template }: LogFormat, line: string): PlainLayout | null {
  return isJson ? jsonLayout(line, keys) : templateLayout(template);
}

function shapeLayout(line: string): PlainLayout | null {
  const first = line.charCodeAt(0);
  if (first === brace) return jsonLayout(line, noKeys);
  return mayBeIngress(line) && ingressTail.test(line)
    ? templateLayout(ingress.template)
    : combinedLayout(line);
}

function scanFirst(scanners: readonly Scanner[], line: string, values: Values): Scan {
  let found: Scan = { refusal: "" };
  for (const scan of scanners) {
    found = scan(line, values);
    if ("unread" in found) return found;
  }
  return found;
}
