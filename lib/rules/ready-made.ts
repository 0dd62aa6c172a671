import type { RuleDefinition } from "#lib/core/rule.ts";

/** A rule that is in force from the first start, until somebody changes it. */
export interface ReadyMade {
  readonly key: string;
  readonly definition: RuleDefinition;
}

const base = {
  proxy: null,
  upstream: null,
  recoverWhen: null,
  forSeconds: 0,
  keepFiringForSeconds: 60,
  onNoData: "keep",
  minRequests: 20,
  labels: {},
  runbookUrl: null,
} as const;

/** The ready-made rules: one for each way in which proxies, or Viascope itself, usually fail. */
export const readyMadeRules: readonly ReadyMade[] = [
  {
    key: "error-burst",
    definition: {
      ...base,
      name: "5xx burst",
      description:
        "More than a tenth of a proxy's answers in the last minute were 5xx. Look at which upstream fails, and at what the proxy falls back to.",
      per: "proxy",
      when: "status_5xx_rate_1m > 10% and status_5xx_1m >= 10",
      recoverWhen: "status_5xx_rate_1m < 5%",
      severity: "page",
    },
  },
  {
    key: "upstream-down",
    definition: {
      ...base,
      name: "Upstream down",
      description:
        "More than 90 % of the attempts at an upstream failed within a minute, or the last ten found it unavailable. While others take over, users see fallbacks instead of errors.",
      per: "upstream",
      when: "error_rate_1m > 90% or unavailable_in_row >= 10",
      recoverWhen: "error_rate_1m < 50% and unavailable_in_row == 0",
      minRequests: 5,
      severity: "page",
    },
  },
  {
    key: "unavailable-in-row",
    definition: {
      ...base,
      name: "Upstream unavailable three times in a row",
      description:
        "The last attempts at an upstream, three or more, were answered 503 or 504 or could not be answered at all.",
      per: "upstream",
      when: "unavailable_in_row >= 3",
      minRequests: 0,
      // By chance it happens again soon: what was told once is not told every minute.
      keepFiringForSeconds: 300,
      severity: "ticket",
    },
  },
  {
    key: "errors-and-slow",
    definition: {
      ...base,
      name: "Errors while slow",
      description:
        "More than 0.5 % errors together with a P95 above 1.2 s: an overloaded upstream or a saturated link rather than single bad requests.",
      per: "proxy",
      when: "error_rate_5m > 0.005 and p95_latency_5m > 1.2s",
      severity: "page",
    },
  },
  {
    key: "slow-upstream",
    definition: {
      ...base,
      name: "Upstream slow",
      description:
        "The P95 of an upstream over the last five minutes is above 2.5 s. Compare with its P50: a high P95 alone points at single endpoints or large modules.",
      per: "upstream",
      when: "p95_latency_5m > 2.5s",
      recoverWhen: "p95_latency_5m < 2s",
      severity: "ticket",
    },
  },
  {
    key: "slow-proxy",
    definition: {
      ...base,
      name: "Proxy slow",
      description: "The P95 of what a proxy answers has been above 2 s for ten minutes.",
      per: "proxy",
      when: "p95_latency_5m > 2s",
      recoverWhen: "p95_latency_5m < 1.6s",
      forSeconds: 600,
      severity: "ticket",
    },
  },
  {
    key: "hit-ratio-drop",
    definition: {
      ...base,
      name: "Hit ratio dropped",
      description:
        "The cache answers less than 70 % of what it answered over the last day. A purged or full cache, a changed key, or new traffic: look at which modules miss.",
      per: "proxy",
      when: "hit_ratio_15m < 0.7 * hit_ratio_1d and cache_lookups_15m >= 100",
      recoverWhen: "hit_ratio_15m > 0.85 * hit_ratio_1d",
      forSeconds: 120,
      severity: "ticket",
    },
  },
  {
    key: "fallback-surge",
    definition: {
      ...base,
      name: "Fallback surge",
      description:
        "More than 5 % of a proxy's requests left one upstream for another, and at least twice as many as over the last day, or more than 30 %.",
      per: "proxy",
      when: "fallbacks_5m >= 10 and (fallback_rate_5m > 30% or (fallback_rate_5m > 5% and fallback_rate_5m > 2 * fallback_rate_1d))",
      recoverWhen: "fallback_rate_5m < 4% or fallback_rate_5m < 1.5 * fallback_rate_1d",
      severity: "ticket",
    },
  },
  {
    key: "rejection-storm",
    definition: {
      ...base,
      name: "403 or 429 storm",
      description:
        "An upstream rejects requests: 403 for lost credentials or a blocked address, 429 for too many requests. Slow down before the ban gets longer.",
      per: "upstream",
      when: "(status_403_rate_5m > 10% and status_403_5m >= 20) or (status_429_rate_5m > 5% and status_429_5m >= 10)",
      severity: "ticket",
    },
  },
  {
    key: "upstream-tls-failures",
    definition: {
      ...base,
      name: "TLS handshakes with an upstream fail",
      description:
        "Handshakes of a proxy with an upstream fail. The values name the reasons: an expired certificate and an unknown authority need different people.",
      per: "upstream",
      when: "tls_failures_5m >= 3 and tls_failure_rate_5m > 2%",
      minRequests: 0,
      severity: "page",
    },
  },
  {
    key: "client-tls-failures",
    definition: {
      ...base,
      name: "TLS handshakes with clients fail",
      description:
        "Clients cannot agree on TLS with a proxy. The values name the reasons; an expired certificate of ours shows here first.",
      per: "proxy",
      when: "client_tls_failures_5m >= 10 and client_tls_failure_rate_5m > 2%",
      minRequests: 0,
      severity: "page",
    },
  },
  {
    key: "certificate-expiry",
    definition: {
      ...base,
      name: "Certificate ends soon",
      description:
        "A certificate ends within 14 days: see to its renewal, and that the server shows the new one. Checked are those on the page Certificates.",
      per: "certificate",
      when: "certificate_left < 14d",
      minRequests: 0,
      keepFiringForSeconds: 0,
      severity: "ticket",
    },
  },
  {
    key: "certificate-ending",
    definition: {
      ...base,
      name: "Certificate ends within days",
      description:
        "A certificate ends within three days, or has ended. From then on clients refuse the server: renew it now.",
      per: "certificate",
      when: "certificate_left < 3d",
      minRequests: 0,
      keepFiringForSeconds: 0,
      severity: "page",
    },
  },
  {
    key: "ingest-silence",
    definition: {
      ...base,
      name: "Telemetry went silent",
      description:
        "Nothing has come from a proxy for five minutes that sent plenty over the last day: the proxy, its exporter, or the way here is broken.",
      per: "proxy",
      when: "silence > 5m and requests_1d >= 500",
      minRequests: 0,
      keepFiringForSeconds: 0,
      severity: "ticket",
    },
  },
  {
    key: "clock-skew",
    definition: {
      ...base,
      name: "Clock off",
      description:
        "The clock of a proxy's sender is off by more than 5 s. Rates and alerts are only as right as that clock: check NTP there. A clock that seems behind may also be something on the way that holds telemetry, such as tail sampling.",
      per: "proxy",
      when: "clock_off > 5s",
      recoverWhen: "clock_off < 2s",
      forSeconds: 60,
      minRequests: 0,
      severity: "ticket",
    },
  },
  {
    key: "low-volume-errors",
    definition: {
      ...base,
      name: "Errors at low volume",
      description:
        "Five errors or more, and more than 10 % of the requests, over six hours at a proxy too quiet for burn rates to say anything.",
      per: "proxy",
      when: "errors_6h >= 5 and error_rate_6h > 10% and requests_6h < 500",
      minRequests: 0,
      severity: "ticket",
    },
  },
  {
    key: "disk-filling",
    definition: {
      ...base,
      name: "Disk fills up",
      description:
        "At the growth of the last days the disk of the database is full within a week. Keep less (VIASCOPE_RETENTION_*), or give it more room; the page Operations says what takes it.",
      per: "viascope",
      when: "disk_left < 7d",
      recoverWhen: "disk_left > 8d",
      minRequests: 0,
      severity: "ticket",
    },
  },
  {
    key: "disk-full-tomorrow",
    definition: {
      ...base,
      name: "Disk full within a day",
      description:
        "At the growth of the last days the disk of the database is full within a day. From then on nothing can be stored: make room now.",
      per: "viascope",
      when: "disk_left < 1d",
      recoverWhen: "disk_left > 2d",
      minRequests: 0,
      severity: "page",
    },
  },
  {
    key: "disk-nearly-full",
    definition: {
      ...base,
      name: "Disk nearly full",
      description:
        "More than 95 % of the disk of the database is used, by Viascope or by something else. When it is full nothing can be stored: make room now.",
      per: "viascope",
      when: "disk_used > 95%",
      recoverWhen: "disk_used < 93%",
      minRequests: 0,
      severity: "page",
    },
  },
  {
    key: "spool-nearly-full",
    definition: {
      ...base,
      name: "Spool nearly full",
      description:
        "More than 80 % of the room is used in which requests wait for a database that is away or too slow. When it is full, senders are refused.",
      per: "viascope",
      when: "spool_used > 80%",
      recoverWhen: "spool_used < 50%",
      minRequests: 0,
      severity: "page",
    },
  },
  {
    key: "telemetry-refused",
    definition: {
      ...base,
      name: "Telemetry is refused",
      description:
        "More than a twentieth of what senders brought in five minutes was refused. The page Operations says for which reasons: a wrong token, limits, a clock, a format, or too much at once.",
      per: "viascope",
      when: "(refused_records_5m >= 50 and refused_records_rate_5m > 5%) or (refused_requests_5m >= 20 and refused_requests_rate_5m > 5%)",
      minRequests: 0,
      keepFiringForSeconds: 600,
      severity: "ticket",
    },
  },
  {
    key: "telemetry-lost",
    definition: {
      ...base,
      name: "Telemetry was lost",
      description:
        "Messages of syslog found no room, or the spool held what the database refused or the disk damaged. No sender knows of it: the page Operations and the log say what.",
      per: "viascope",
      when: "lost_5m > 0",
      minRequests: 0,
      keepFiringForSeconds: 600,
      severity: "ticket",
    },
  },
  {
    key: "token-expiry",
    definition: {
      ...base,
      name: "Token expires soon",
      description:
        "A token that is in use expires within a week. From then on its senders are refused: make another one, and give it to them.",
      per: "token",
      when: "token_left < 7d",
      minRequests: 0,
      keepFiringForSeconds: 0,
      severity: "ticket",
    },
  },
];
