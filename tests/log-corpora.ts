import { readFileSync } from "node:fs";

/** Logs of other projects, which may be read but not copied; see README.md there. Absent outside our workshop. */
export const corpora = new URL("../../shared/corpora/", import.meta.url);

export interface LogCorpus {
  readonly file: string;
  readonly format: string;
  readonly accepted: number;
  /** A part of each refused line → of its reason. */
  readonly refused?: Readonly<Record<string, RegExp>>;
  /** Lines of which something was left unread. */
  readonly unread?: number;
}

const errorLine = /no access line|tells of no (?:request|handshake)/;

/** Every access log of the corpora, and what is understood of it. */
export const logCorpora: readonly LogCorpus[] = [
  { file: "nginx/lab-nginx-combined.log", format: "nginx", accepted: 75 },
  { file: "nginx/lab-nginx-timed.log", format: "nginx", accepted: 75 },
  {
    file: "nginx/crowdsec-nginx-http.log",
    format: "nginx",
    accepted: 8,
    refused: { "[error]": errorLine },
  },
  { file: "nginx/crowdsec-nginx-malformed.log", format: "nginx", accepted: 12 },
  { file: "nginx/crowdsec-nginx-open-proxy.log", format: "nginx", accepted: 2 },
  { file: "nginx/crowdsec-nginx-path-traversal.log", format: "nginx", accepted: 9 },
  {
    file: "nginx/datadog-nginx.log",
    format: "nginx",
    accepted: 4,
    unread: 1,
    refused: { "[error]": errorLine, "[info]": errorLine },
  },
  { file: "nginx/fail2ban-nginx-bad-request.log", format: "nginx", accepted: 8 },
  {
    file: "nginx/fail2ban-nginx-botsearch.log",
    format: "nginx",
    accepted: 8,
    refused: { "[error]": errorLine },
  },
  {
    file: "nginx/fail2ban-nginx-forbidden.log",
    format: "nginx",
    accepted: 0,
    refused: { "[error]": errorLine },
  },
  { file: "nginx/fluentd-parser_nginx.log", format: "nginx", accepted: 5 },
  { file: "nginx/lnav-logfile_shop_access_log.0", format: "nginx", accepted: 1_000 },
  { file: "nginx/ops-agent-nginx-access.log", format: "nginx", accepted: 8 },
  { file: "haproxy/lab-haproxy-raw.log", format: "haproxy", accepted: 74 },
  { file: "haproxy/lab-haproxy-rfc3164.log", format: "haproxy", accepted: 74 },
  { file: "haproxy/lab-haproxy-rfc5424.log", format: "haproxy", accepted: 74 },
  { file: "haproxy/crowdsec-haproxy.log", format: "haproxy", accepted: 5 },
  {
    file: "haproxy/datadog-haproxy.log",
    format: "haproxy",
    accepted: 8,
    refused: { "Connect from": /option httplog/ },
  },
  { file: "haproxy/logstash-haproxy.log", format: "haproxy", accepted: 8 },
  { file: "haproxy/fail2ban-haproxy-http-auth.log", format: "haproxy", accepted: 4 },
  { file: "envoy/crowdsec-envoy-cri.log", format: "envoy", accepted: 10 },
  { file: "envoy/datadog-envoy.log", format: "envoy", accepted: 4 },
  { file: "traefik/crowdsec-traefik-clf.log", format: "traefik", accepted: 7 },
  {
    file: "traefik/crowdsec-traefik-json.log",
    format: "traefik",
    accepted: 6,
    refused: { "DEBUG:": errorLine },
  },
  {
    file: "traefik/traefik-parser_test.log",
    format: "traefik",
    accepted: 2,
    refused: { bad: errorLine },
  },
  { file: "caddy/lab-caddy-access.log", format: "caddy", accepted: 32 },
  {
    file: "caddy/crowdsec-caddy.log",
    format: "caddy",
    accepted: 10,
    refused: { '"debug"': /no access record/ },
  },
  { file: "caddy/crowdsec-caddy-basicauth.log", format: "caddy", accepted: 6 },
  {
    file: "caddy/lnav-logfile_caddy_log.0",
    format: "caddy",
    accepted: 4,
    refused: { "caddy  |": /no access record/ },
  },
  { file: "squid/lab-squid-native.log", format: "squid", accepted: 71 },
  { file: "squid/lab-squid-combined.log", format: "squid", accepted: 71 },
  { file: "squid/logstash-squid.log", format: "squid", accepted: 4, unread: 1 },
  {
    file: "squid/fail2ban-squid.log",
    format: "squid",
    accepted: 4,
    refused: { "#": /no Squid access line/ },
  },
  { file: "varnish/lab-varnish-ncsa.log", format: "varnish", accepted: 40 },
  {
    file: "varnish/lab-varnish-json.log",
    format: "varnish",
    accepted: 38,
    refused: { '"side":"b"': /is kept/ },
  },
  { file: "varnish/ops-agent-varnish.log", format: "varnish", accepted: 6 },
  { file: "apache/lab-apache-common.log", format: "apache", accepted: 53 },
  { file: "apache/lab-apache-combined.log", format: "apache", accepted: 53 },
  { file: "apache/lab-apache-vhost.log", format: "apache", accepted: 53 },
  { file: "apache/lab-apache-detail.log", format: "apache", accepted: 53 },
  {
    file: "apache/crowdsec-apache2.log",
    format: "apache",
    accepted: 8,
    refused: { "[auth_basic:error]": errorLine },
  },
  { file: "apache/datadog-apache.log", format: "apache", accepted: 2 },
  { file: "apache/fluentd-parser_apache2.log", format: "apache", accepted: 3 },
  {
    file: "apache/logstash-apache.log",
    format: "apache",
    accepted: 3,
    refused: { "[": errorLine },
  },
  { file: "apache/ops-agent-apache-access.log", format: "apache", accepted: 5 },
  { file: "apache/lnav-logfile_access_log.0", format: "apache", accepted: 3 },
  { file: "apache/lnav-logfile_access_log.1", format: "apache", accepted: 1 },
  { file: "apache/fail2ban-apache-badbots.log", format: "apache", accepted: 4 },
  { file: "artifactory/artifactory7-request.log", format: "artifactory", accepted: 8 },
  { file: "nexus/nexus-outbound-request.log", format: "nexus", accepted: 2 },
  {
    file: "athens/athens-2020-offline.log",
    format: "athens",
    accepted: 0,
    refused: {
      "[7:39AM]: incoming": /no date/,
      "[2:37PM]: incoming": /no date/,
      "]: ": /is of no request/,
      " I |": /no request record/,
    },
  },
  {
    file: "athens/athens-2020-company-proxy.log",
    format: "athens",
    accepted: 0,
    refused: { "]: ": /is of no request/, " I |": /no request record/ },
  },
  {
    file: "goproxy/goproxyio-2019.log",
    format: "goproxy",
    accepted: 0,
    refused: { "s 404": /no date/ },
  },
];

/** Comments tell what another parser expects; they are no part of the log. */
export function corpusLines(file: string): string[] {
  return readFileSync(new URL(file, corpora), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("# "));
}
