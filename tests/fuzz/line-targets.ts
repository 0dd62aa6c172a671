import { accessLogDecoder, accessLogFormats, detectFormat } from "#lib/decode/access-log.ts";
import { heldLine, type AccessRecord, type LineDecoder } from "#lib/decode/access-record.ts";
import { joinedLines } from "#lib/decode/log-lines.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { fixtureLines } from "#tests/access-log.ts";

import { mutatedText, oneOf, type Random } from "./mutate.ts";
import type { Target } from "./run-fuzz.ts";

const recordings = [
  "apache/lab-apache-combined.log",
  "apache/lab-apache-detail.log",
  "apache/lab-apache-vhost.log",
  "caddy/lab-caddy-access.log",
  "haproxy/lab-haproxy-raw.log",
  "haproxy/lab-haproxy-recommended.log",
  "haproxy/lab-haproxy-rfc5424.log",
  "nginx/lab-nginx-combined.log",
  "nginx/lab-nginx-error.log",
  "nginx-lab/error.log",
  "nginx-lab/json.log",
  "nginx-lab/timed.log",
  "nginx-lab/upstreaminfo.log",
  "squid/lab-squid-combined.log",
  "squid/lab-squid-native.log",
  "varnish/lab-varnish-json.log",
  "varnish/lab-varnish-ncsa.log",
];

/** Of the formats that no recording here is of. */
const written = [
  '[2026-01-24T01:37:00.000Z] "GET /a?b=c HTTP/2" 503 UC upstream_reset_before_response_started{connection_termination} - "-" 0 95 3 - "-" "curl/8" "id" "a.example" "10.0.0.1:443" outbound|443||a - 10.0.0.2:1 10.0.0.3:2 - default',
  '{"start_time":"2026-01-24T01:37:00.000Z","method":"GET","path":"/a","response_code":"200","duration":12,"upstream_host":"10.0.0.1:80","upstream_cluster":"a","response_flags":"-","bytes_sent":5}',
  '192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" 1 "router@file" "http://10.0.0.1:80" 12ms',
  "2026-01-24T01:37:00.000Z|4bf92f3577b34da6|192.0.2.7|anonymous|GET|/api/go/go/rsc.io/quote/@v/list|200|-1|5|12|Go-http-client/1.1",
  '192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET /repository/go/rsc.io/quote/@v/list HTTP/1.1" 200 - 5 12 "Go-http-client/1.1" [qtp-1]',
  "INFO[3:04PM]: incoming request\thttp-method=GET http-path=/rsc.io/quote/@v/list http-status=404 request-id=5f0b34a0-a8e9-454a-bbfb-71756f82412f ",
  "10:23:45.123 [GET] https://proxy.golang.org/rsc.io/quote/@v/list 200 OK (12ms)",
  '{"log":"192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] \\"GET / HTTP/1.1\\" 200 5\\n","stream":"stdout","time":"2026-01-24T01:37:00.000000001Z"}',
  '2026-01-24T01:37:00.000000001Z stdout P 192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET ',
  '<134>1 2026-01-24T01:37:00.000Z host app 12 ID [a b="c\\"d"] 192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET / HTTP/1.1" 200 5',
  'edge-1  | 192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET / HTTP/1.1" 200 5 "-" "-"',
];
const seeds = [...recordings.flatMap((file) => fixtureLines(file).slice(0, 60)), ...written];

const logFormats = [
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time $upstream_addr $upstream_status $upstream_response_time',
  'escape=json \'{"t":"$msec","r":"$request","s":$status,"u":"$upstream_addr"}\'',
  '%h %l %u %t "%r" %>s %b %D',
  "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt",
];
const tlsTexts = [
  "SSL_do_handshake() failed (SSL: error:0A000086:SSL routines::certificate verify failed:unable to get local issuer certificate)",
  "upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream",
  "x509: certificate is valid for a.example, not b.example",
  "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
  "remote error: tls: handshake failure (alert 40)",
];

/** Every reader of log lines. */
export const lineTargets: readonly Target[] = [
  ...accessLogFormats.map((format) => lineTarget(format)),
  { name: "log_format", feed: feedLogFormat },
  {
    name: "format detection",
    feed: (random) => {
      const { confidence } = detectFormat([lineOf(random), lineOf(random)]);
      if (!(confidence >= 0 && confidence <= 1)) throw new Error(`confidence ${confidence}`);
    },
  },
  {
    name: "joined lines",
    feed: (random) => {
      const lines = Array.from({ length: 1 + random(5) }, () => lineOf(random));
      if (joinedLines(lines).length !== lines.length) throw new Error("a line lost its number");
    },
  },
  {
    name: "TLS reasons",
    feed: (random) => void tlsReasonOf(mutatedText(oneOf(random, tlsTexts, ""), "", random)),
  },
];

function lineOf(random: Random): string {
  return mutatedText(oneOf(random, seeds, ""), oneOf(random, seeds, ""), random);
}

/** A decoder is kept for many lines, as it is for a stream, and sees valid lines between. */
function lineTarget(format: string): Target {
  let decoder = accessLogDecoder({ format, logFormat: null });
  return {
    name: `${format} lines`,
    feed(random) {
      if (random(500) === 0) decoder = accessLogDecoder({ format, logFormat: null });
      if (random(4) === 0) check(decoder, oneOf(random, seeds, ""));
      check(decoder, lineOf(random));
    },
  };
}

function feedLogFormat(random: Random): void {
  const format = oneOf(random, ["nginx", "apache", "squid", "envoy", "haproxy"], "nginx");
  const logFormat = mutatedText(oneOf(random, logFormats, ""), "$$%{}%>", random);
  check(accessLogDecoder({ format, logFormat }), lineOf(random));
}

const seenUs = 1_795_000_000_000_000;
const hourUs = 3_600_000_000;

/** A line gives a sentence, or a record that can be stored. */
function check(decoder: LineDecoder, line: string): void {
  const record = decoder.decode(line, seenUs);
  if (typeof record === "string") {
    if (record === "" || (record !== heldLine && record.length > 100_000)) {
      throw new Error(`no sentence of ${record.length} characters`);
    }
    return;
  }
  checkRecord(record);
}

function checkRecord(record: AccessRecord): void {
  const { startUs, durationUs, status, bytes, attempts } = exchangeOfRecord(record, {
    proxy: "edge",
    instance: null,
  });
  // How far away it may be is refused where the clock is known.
  expectNumber("start", startUs, -Number.MAX_VALUE, Number.MAX_VALUE);
  expectNumber("duration", durationUs, 0, Infinity);
  expectNumber("status", status, 0, 999);
  expectNumber("bytes", bytes, 0, Infinity);
  for (const attempt of attempts) {
    expectNumber("attempt's start", attempt.startUs - startUs, 0, hourUs);
    expectNumber("attempt's duration", attempt.durationUs, 0, Infinity);
    expectNumber("attempt's status", attempt.status, 0, 999);
  }
}

function expectNumber(what: string, value: number | null, least: number, most: number): void {
  if (value === null || (value >= least && value <= most)) return;
  throw new Error(`the ${what} is ${value}`);
}
