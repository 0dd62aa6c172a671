import type { ErrorType } from "#lib/core/error-type.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";
import { tlsErrorTypeOf, tlsReasonOf } from "#lib/decode/tls-reason.ts";

import { attemptWith, recordWith } from "../blank.ts";
import { millisecondsUs, statusOf, wholeNumber } from "../number.ts";
import { withTarget } from "../request-line.ts";
import { epochTimeUs, isoTimeUs } from "../time.ts";
import type { EnvoyField, EnvoyFields } from "./fields.ts";

/** The record of one line. Envoy logs when a request began. */
export function envoyRecord(fields: EnvoyFields, unread: string | null): AccessRecord | string {
  const time = valueOf(fields, "startTime") ?? "";
  const startUs = isoTimeUs(time) ?? epochTimeUs(time);
  if (startUs === null) return noTime;
  const flags = new Set((valueOf(fields, "flags") ?? "").split(","));
  const attempts = attemptsOf(fields, flags);
  const method = valueOf(fields, "method");
  return recordWith("envoy", startUs, {
    ...(method === null ? {} : withTarget(method, valueOf(fields, "path") ?? "")),
    host: valueOf(fields, "authority"),
    client: clientOf(fields),
    userAgent: valueOf(fields, "userAgent"),
    durationUs: millisecondsUs(fields.durationMs),
    status: statusOf(fields.status),
    bytes: wholeNumber(fields.bytesSent),
    cacheWord: flags.has("RFCF") ? "RFCF" : null,
    errorType: attempts.at(-1)?.errorType ?? errorOf(flags),
    clientTlsReason: tlsReasonIn(fields.downstreamFailure),
    attempts,
    traceId: traceIdOf(fields),
    unread,
  });
}

const noTime =
  "The line has no start time that can be read: expected %START_TIME%, such as 2026-11-20T22:09:04.123Z.";

function valueOf(fields: EnvoyFields, name: EnvoyField): string | null {
  const value = fields[name];
  return value === undefined || value === "" || value === "-" ? null : value;
}

/** The first address of X-Forwarded-For is the client's own word for itself. */
function clientOf(fields: EnvoyFields): string | null {
  const first = valueOf(fields, "forwardedFor")?.split(",")[0]?.trim();
  const client = first ?? valueOf(fields, "client");
  return client === null ? null : withoutPort(client);
}

/** `[2001:db8::1]:443`, `192.0.2.7:443`, and addresses alone. */
function withoutPort(address: string): string {
  return /^\[([^\]]+)\]/.exec(address)?.[1] ?? address.replace(/^([^:]+):\d+$/, "$1");
}

function traceIdOf(fields: EnvoyFields): string | null {
  const trace = valueOf(fields, "traceId");
  return trace?.startsWith("00-") === true ? trace.slice(3, 35) : trace;
}

/** Response flags, short or long, in the words of RFC 9209; those of the client and of policies fail nobody. */
const flagErrors: Readonly<Record<string, ErrorType>> = {
  UH: "destination_unavailable",
  NoHealthyUpstream: "destination_unavailable",
  UF: "connection_refused",
  UpstreamConnectionFailure: "connection_refused",
  UO: "connection_limit_reached",
  UpstreamOverflow: "connection_limit_reached",
  UT: "http_response_timeout",
  UpstreamRequestTimeout: "http_response_timeout",
  UMSDR: "http_response_timeout",
  UpstreamMaxStreamDurationReached: "http_response_timeout",
  UC: "connection_terminated",
  UpstreamConnectionTermination: "connection_terminated",
  UR: "connection_terminated",
  UpstreamRemoteReset: "connection_terminated",
  LR: "connection_terminated",
  LocalReset: "connection_terminated",
  UPE: "http_protocol_error",
  UpstreamProtocolError: "http_protocol_error",
  DF: "dns_error",
  DnsResolutionFailed: "dns_error",
  NC: "proxy_configuration_error",
  NoClusterFound: "proxy_configuration_error",
  URX: "destination_unavailable",
  UpstreamRetryLimitExceeded: "destination_unavailable",
};

/** In the order of the table, as URX stands beside the flag of what was retried. */
function errorOf(flags: ReadonlySet<string>): ErrorType | null {
  const found = Object.entries(flagErrors).find(([flag]) => flags.has(flag));
  return found?.[1] ?? null;
}

/** The host in the line is the last one asked; those before it are known only to newer versions. */
function attemptsOf(fields: EnvoyFields, flags: ReadonlySet<string>): AccessAttempt[] {
  const cluster = valueOf(fields, "upstreamCluster");
  const host = endpointOf(valueOf(fields, "upstreamHost"));
  const wasAsked = host !== null || (cluster !== null && errorOf(flags) !== null);
  if (!wasAsked) return [];
  const hosts =
    valueOf(fields, "hostsAttempted")
      ?.split(",")
      .map((text) => endpointOf(text.trim())) ?? [];
  const count = Math.min(
    Math.max(wholeNumber(fields.attemptCount) ?? 1, hosts.length, 1),
    attemptsMax,
  );
  const before = Array.from({ length: count - 1 }, (_, place) =>
    attemptWith(cluster, hosts[place] ?? null, {}),
  );
  return [...before, lastAttempt(fields, flags, cluster, host)];
}

const attemptsMax = 100;

/** `tcp://10.0.2.1:80` in older versions. */
function endpointOf(host: string | null): string | null {
  return host?.replace(/^\w+:\/\//, "") ?? null;
}

function lastAttempt(
  fields: EnvoyFields,
  flags: ReadonlySet<string>,
  cluster: string | null,
  host: string | null,
): AccessAttempt {
  const isAnswered = fields.details === "via_upstream" || errorOf(flags) === null;
  const tlsReason = tlsReasonIn(fields.upstreamFailure) ?? tlsReasonIn(fields.details);
  const canceled = isAnswered && hungUp.some((flag) => flags.has(flag));
  return attemptWith(cluster, host, {
    status: isAnswered && !canceled ? statusOf(fields.status) : null,
    durationUs: millisecondsUs(fields.serviceTimeMs),
    errorType: isAnswered ? null : transportError(fields, flags, tlsReason),
    tlsReason: isAnswered ? null : tlsReason,
    canceled,
  });
}

const hungUp = ["DC", "DownstreamConnectionTermination", "DR", "DownstreamRemoteReset"];

function transportError(
  fields: EnvoyFields,
  flags: ReadonlySet<string>,
  tlsReason: TlsReason | null,
): ErrorType | null {
  if (tlsReason !== null) {
    return tlsErrorTypeOf(tlsReason);
  }
  const said = `${fields.details ?? ""} ${fields.upstreamFailure ?? ""}`;
  return /connect(?:ion)?[_ ]timeout/i.test(said) ? "connection_timeout" : errorOf(flags);
}

/** `TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end` */
function tlsReasonIn(text: string | undefined): TlsReason | null {
  if (text === undefined || !/TLS|SSL/.test(text)) return null;
  return tlsReasonOf(text.replaceAll("_", " ")) ?? "other";
}
