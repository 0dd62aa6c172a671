import { readFileSync } from "node:fs";

import { z } from "zod";

/** Logs of other projects, which may be read but not copied; see README.md there. Absent outside our workshop. */
export const corpora = new URL("../../shared/corpora/", import.meta.url);

export interface LogCorpus {
  readonly file: string;
  readonly format: string;
  /** Lines that are no valid ones of the proxy, and that therefore may be refused. */
  readonly invalid?: RegExp;
}

/** As rule tests of others have them: Apache and nginx write two digits for a day. */
const handWritten = / \[1\/Apr\/2014:/;

/** Every log of the corpora that is a proxy's. */
export const logCorpora: readonly LogCorpus[] = [
  ...ofFormat("nginx", [
    "lab-nginx-combined.log",
    "lab-nginx-timed.log",
    "lab-nginx-error.log",
    "crowdsec-nginx-http.log",
    "crowdsec-nginx-malformed.log",
    "crowdsec-nginx-open-proxy.log",
    "crowdsec-nginx-path-traversal.log",
    "datadog-nginx.log",
    "fail2ban-nginx-bad-request.log",
    "fail2ban-nginx-botsearch.log",
    "fail2ban-nginx-forbidden.log",
    "fluentd-parser_nginx.log",
    "lnav-logfile_shop_access_log.0",
    "ops-agent-nginx-access.log",
  ]),
  { file: "nginx/wazuh-nginx.ini", format: "nginx", invalid: /\[yadda\]/ },
  ...ofFormat("haproxy", [
    "lab-haproxy-raw.log",
    "lab-haproxy-rfc3164.log",
    "lab-haproxy-rfc5424.log",
    "crowdsec-haproxy.log",
    "datadog-haproxy.log",
    "logstash-haproxy.log",
    "fail2ban-haproxy-http-auth.log",
  ]),
  ...ofFormat("envoy", ["crowdsec-envoy-cri.log", "datadog-envoy.log"]),
  ...ofFormat("traefik", ["crowdsec-traefik-clf.log", "crowdsec-traefik-json.log"]),
  { file: "traefik/traefik-parser_test.log", format: "traefik", invalid: /^bad$/ },
  ...ofFormat("caddy", [
    "lab-caddy-access.log",
    "crowdsec-caddy.log",
    "crowdsec-caddy-basicauth.log",
    "lnav-logfile_caddy_log.0",
  ]),
  ...ofFormat("squid", [
    "lab-squid-native.log",
    "lab-squid-combined.log",
    "lab-squid-cache.log",
    "logstash-squid.log",
    "fail2ban-squid.log",
    "wazuh-squid_rules.ini",
  ]),
  ...ofFormat("varnish", ["lab-varnish-ncsa.log", "lab-varnish-json.log", "ops-agent-varnish.log"]),
  ...ofFormat("apache", [
    "lab-apache-common.log",
    "lab-apache-combined.log",
    "lab-apache-vhost.log",
    "lab-apache-detail.log",
    "crowdsec-apache2.log",
    "datadog-apache.log",
    "fluentd-parser_apache2.log",
    "fluentd-parser_apache_error.log",
    "logstash-apache.log",
    "ops-agent-apache-access.log",
    "ops-agent-apache-error.log",
    "lnav-logfile_access_log.0",
    "lnav-logfile_access_log.1",
    "fail2ban-apache-auth.log",
    "fail2ban-apache-badbots.log",
    "fail2ban-apache-overflows.log",
    "wazuh-apache.ini",
  ]),
  // One line lacks its user, as the file's name says.
  {
    file: "apache/lnav-logfile_bad_access_log.0",
    format: "apache",
    invalid: /^192\.168\.202\.254 \[/,
  },
  { file: "apache/wazuh-web_appsec.ini", format: "apache", invalid: handWritten },
  // Lines of IIS stand among them.
  {
    file: "apache/wazuh-web_rules.ini",
    format: "apache",
    invalid: new RegExp(`${handWritten.source}|^\\d{4}-`),
  },
  // Lines without anything in them, and one that says that it is none.
  { file: "apache/vrl-common.jsonl", format: "apache", invalid: /^- - - |^not / },
  ...ofFormat("artifactory", ["artifactory7-request.log"]),
  ...ofFormat("nexus", ["nexus-outbound-request.log"]),
  ...ofFormat("athens", ["athens-2020-offline.log", "athens-2020-company-proxy.log"]),
  ...ofFormat("goproxy", ["goproxyio-2019.log"]),
];

function ofFormat(format: string, files: readonly string[]): LogCorpus[] {
  return files.map((file) => ({ file: `${format}/${file}`, format }));
}

const jsonRecord = z.object({ message: z.string() });

/** The lines of a log: without the comments that tell what another parser expects, out of what they stand in. */
export function corpusLines(file: string): string[] {
  const lines = readFileSync(new URL(file, corpora), "utf8").split("\n");
  if (file.endsWith(".jsonl")) {
    return lines
      .filter((line) => line !== "")
      .map((line) => jsonRecord.parse(JSON.parse(line)).message);
  }
  if (file.endsWith(".ini")) {
    return lines.flatMap((line) => /^log \d+ (?:pass|fail) = (.+)$/.exec(line)?.[1] ?? []);
  }
  return lines.filter((line) => line !== "" && !/^#(?: |$)/.test(line));
}
