import type { Measured } from "#lib/core/measured.ts";
import type { RuleSubject } from "#lib/core/rule.ts";
import { quantileUs } from "#lib/core/sketch.ts";
import type { Counter } from "#lib/core/sums.ts";
import { tlsReasons } from "#lib/core/tls-reason.ts";

export type Unit = "ratio" | "seconds" | "count" | "perSecond" | "bytes";

interface Around {
  readonly seconds: number;
  readonly ofUpstream: boolean;
}

/** A metric over a window, told by what was measured in it. */
export interface WindowMetric {
  readonly unit: Unit;
  readonly description: string;
  readonly subjects: readonly RuleSubject[];
  readonly latency?: boolean;
  /** The value where the window holds no records; null, not measured, when it is not given. */
  readonly absent?: number;
  readonly valueOf: (measured: Measured, around: Around) => number | null;
}

const both: readonly RuleSubject[] = ["proxy", "upstream"];
const proxyOnly: readonly RuleSubject[] = ["proxy"];

/** The metrics by name; `namedMetric` knows the families beside them. */
export const windowMetrics: Readonly<Record<string, WindowMetric>> = {
  requests: count("requests of a proxy, or attempts at an upstream", requestsOf),
  request_rate: {
    unit: "perSecond",
    description: "requests, or attempts, per second",
    subjects: both,
    absent: 0,
    valueOf: (measured, { seconds }) => requestsOf(measured) / seconds,
  },
  errors: count("answers with a status of 500 or more, 429, or none at all", counterOf("errors")),
  error_rate: share("share of requests that were errors", counterOf("errors")),
  not_found: count(
    "answers with 404 or 410, which are normal for a Go proxy",
    counterOf("notFound"),
  ),
  not_found_rate: share("share of requests answered 404 or 410", counterOf("notFound")),
  transport_failures: count("requests without a proper answer", counterOf("transportFailures")),
  transport_failure_rate: share(
    "share of requests without a proper answer",
    counterOf("transportFailures"),
  ),
  client_closed: count("requests whose client hung up (499)", counterOf("clientClosed")),
  p50_latency: latency(500),
  p90_latency: latency(900),
  p95_latency: latency(950),
  p99_latency: latency(990),
  mean_latency: {
    unit: "seconds",
    description: "mean latency",
    subjects: both,
    valueOf: ({ sums }) => ratio(sums.counts.latencySumUs / 1e6, sums.counts.requests),
  },
  hit_ratio: {
    unit: "ratio",
    description: "share of cache lookups that the cache answered: hit, revalidated or stale",
    subjects: proxyOnly,
    valueOf: (measured) => ratio(servedOf(measured), lookupsOf(measured)),
  },
  cache_lookups: {
    ...count("requests that asked the cache and were told what it did", lookupsOf),
    subjects: proxyOnly,
  },
  fallbacks: count("times that a proxy left this upstream for another", relation("fallback")),
  fallback_rate: share(
    "share of requests in which an upstream was left for another",
    relation("fallback"),
  ),
  retries: count("attempts made again at the same upstream and address", relation("retry")),
  retry_rate: share("share of requests that were tried again", relation("retry")),
  failovers: count(
    "attempts made again at another address of the same upstream",
    relation("failover"),
  ),
  tls_failures: count("failed TLS handshakes", tlsOf("")),
  tls_failure_rate: share("share of requests whose TLS handshake failed", tlsOf("")),
  client_tls_failures: {
    ...count("failed TLS handshakes with clients", tlsOf("client:")),
    subjects: proxyOnly,
  },
  client_tls_failure_rate: {
    ...share("share of requests whose TLS handshake with the client failed", tlsOf("client:")),
    subjects: proxyOnly,
  },
  upstream_tls_failures: count("failed TLS handshakes with upstreams", tlsOf("upstream:")),
  upstream_tls_failure_rate: share(
    "share of requests whose TLS handshake with the upstream failed",
    tlsOf("upstream:"),
  ),
  bytes: { ...count("bytes answered", counterOf("bytes")), unit: "bytes", subjects: proxyOnly },
  status_5xx: count(
    "answers with a status of 500 to 599; 1xx to 4xx likewise, and 0 for none",
    statusClass(5),
  ),
  status_5xx_rate: share(
    "share of requests answered 500 to 599; 1xx to 4xx likewise",
    statusClass(5),
  ),
  status_503: count("answers with exactly this status; any status likewise", status(503)),
  status_503_rate: share(
    "share of requests answered with exactly this status; any likewise",
    status(503),
  ),
  tls_certificate_expired: count(
    "failed handshakes for this reason; any reason likewise",
    tlsReason("certificate_expired"),
  ),
};

/** The metric of a name without its window: one of the list, or of the families of statuses and TLS reasons. */
export function namedMetric(name: string): WindowMetric | null {
  if (Object.hasOwn(windowMetrics, name)) return windowMetrics[name] ?? null;
  const { code, reason } = family.exec(name)?.groups ?? {};
  if (reason !== undefined) return reasonMetric(reason);
  return code === undefined ? null : statusMetric(code, name.endsWith("_rate"));
}

const family = /^(?:status_(?<code>[1-5]xx|[1-5]\d\d|0)(?:_rate)?|tls_(?<reason>[a-z_]+))$/;

function reasonMetric(name: string): WindowMetric | null {
  const reason = tlsReasons.find((candidate) => candidate === name);
  return reason === undefined ? null : count(`failed handshakes: ${reason}`, tlsReason(reason));
}

function statusMetric(code: string, rate: boolean): WindowMetric {
  const counted = code.endsWith("xx") ? statusClass(Number(code[0])) : status(Number(code));
  const words = `answered ${code === "0" ? "with no status at all" : code}`;
  return rate ? share(`share of requests ${words}`, counted) : count(`requests ${words}`, counted);
}

type Count = (measured: Measured) => number;

function count(description: string, valueOf: Count): WindowMetric {
  return { unit: "count", description, subjects: both, absent: 0, valueOf };
}

function share(description: string, part: Count): WindowMetric {
  return {
    unit: "ratio",
    description,
    subjects: both,
    valueOf: (measured) => ratio(part(measured), requestsOf(measured)),
  };
}

function latency(thousandths: number): WindowMetric {
  return {
    unit: "seconds",
    description: `latency that ${thousandths / 10} % of requests stay within`,
    subjects: both,
    latency: true,
    valueOf: ({ sums }) => {
      const value = quantileUs(sums.latency, thousandths);
      return value === null ? null : value / 1e6;
    },
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function requestsOf({ sums }: Measured): number {
  return sums.counts.requests;
}

function counterOf(counter: Counter): Count {
  return ({ sums }) => sums.counts[counter];
}

function servedOf({ sums: { counts } }: Measured): number {
  return counts.cacheHit + counts.cacheRevalidated + counts.cacheStale;
}

function lookupsOf(measured: Measured): number {
  return servedOf(measured) + measured.sums.counts.cacheExpired + measured.sums.counts.cacheMiss;
}

function relation(kind: keyof Measured["relations"]): Count {
  return ({ relations }) => relations[kind];
}

function status(code: number): Count {
  return ({ sums }) => sums.statuses.get(code) ?? 0;
}

function statusClass(first: number): Count {
  return ({ sums }) => {
    let sum = 0;
    for (const [code, times] of sums.statuses) if (Math.floor(code / 100) === first) sum += times;
    return sum;
  };
}

function tlsOf(side: "" | "client:" | "upstream:"): Count {
  return ({ tls }) => {
    let sum = 0;
    for (const [detail, times] of tls) if (detail.startsWith(side)) sum += times;
    return sum;
  };
}

function tlsReason(reason: string): Count {
  return ({ tls }) => (tls.get(`client:${reason}`) ?? 0) + (tls.get(`upstream:${reason}`) ?? 0);
}
