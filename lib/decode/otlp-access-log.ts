import { envoyDecoder, envoyLikeness } from "./access-log/envoy.ts";
import { haproxyDecoder, haproxyLikeness } from "./access-log/haproxy.ts";
import { nginxDecoder, nginxLikeness } from "./access-log/nginx.ts";
import { squidDecoder, squidLikeness } from "./access-log/squid.ts";
import { isoTimeUs } from "./access-log/time.ts";
import { traefikDecoder, traefikLikeness } from "./access-log/traefik.ts";
import { unwrapped } from "./access-log/unwrap.ts";
import type { AccessRecord, LineDecoder } from "./access-record.ts";
import type { LogRecordFacts } from "./otlp-logs.ts";

/** Gives the request that a log record tells of; null for a record that tells of none. */
export type OtlpAccessReader = (facts: LogRecordFacts) => AccessRecord | null;

/**
 * A reader for the records of one payload. Envoy and Traefik are known by the attributes they send, or the fields of a
 * body that is a map; Envoy's start time is then the record's own. Any text that is surely an access line of a proxy,
 * as a collector sends that reads log files, is read as such.
 */
export function otlpAccessReader(): OtlpAccessReader {
  const decoders = formats.map((format) => ({ ...format, decoder: format.decoder() }));
  return (facts) => {
    const fields = fieldsOf(facts);
    const text = typeof facts.body === "string" ? unwrapped(facts.body) : "";
    return (
      withTrace(traefikRecord(fields, text, facts), facts) ??
      withTrace(envoyRecord(fields, facts), facts) ??
      withTrace(text === "" ? null : textRecord(text, facts, decoders), facts)
    );
  };
}

type Fields = Readonly<Record<string, unknown>>;

interface Format {
  readonly likeness: (line: string) => number;
  readonly decoder: LineDecoder;
}

/** Formats whose lines cannot be taken for those of another program. */
const formats = [
  { likeness: envoyLikeness, decoder: () => envoyDecoder(null) },
  { likeness: traefikLikeness, decoder: () => traefikDecoder() },
  { likeness: nginxLikeness, decoder: () => nginxDecoder(null) },
  { likeness: haproxyLikeness, decoder: () => haproxyDecoder(null) },
  { likeness: squidLikeness, decoder: () => squidDecoder(null) },
] as const;
const surely = 0.9;

function fieldsOf({ body, attributes }: LogRecordFacts): Fields {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return attributes;
  return { ...body, ...attributes };
}

function withTrace(record: AccessRecord | null, facts: LogRecordFacts): AccessRecord | null {
  return record === null ? null : { ...record, traceId: facts.traceId ?? record.traceId };
}

const traefik = traefikDecoder();
const traefikKeys = ["DownstreamStatus", "RouterName", "ClientHost", "OriginStatus"];

/** Its attributes are the keys of its JSON log; times are written as Go prints them. */
function traefikRecord(fields: Fields, text: string, facts: LogRecordFacts): AccessRecord | null {
  if (!("DownstreamStatus" in fields) || !traefikKeys.slice(1).some((key) => key in fields)) {
    return null;
  }
  const fromText = text === "" ? null : traefik.decode(text);
  const startUs =
    goTimeUs(fields["StartUTC"]) ??
    (typeof fromText === "object" && fromText !== null ? fromText.startUs : null) ??
    startByEnd(fields["Duration"], facts.timeUs);
  if (startUs === null) return null;
  return recordIn(traefik.decode(JSON.stringify({ ...fields, StartUTC: isoOf(startUs) })));
}

/** `2026-11-20 22:09:04.123456789 +0000 UTC` as well as ISO 8601. */
function goTimeUs(value: unknown): number | null {
  if (typeof value !== "string") return null;
  return isoTimeUs(value.replace(/(\.\d{6})\d+/, "$1").replace(/ UTC$/, ""));
}

/** Traefik writes its record when the request is over. */
function startByEnd(durationNs: unknown, endUs: number | null): number | null {
  if (endUs === null) return null;
  const duration = typeof durationNs === "number" && durationNs > 0 ? durationNs : 0;
  return endUs - Math.round(duration / 1000);
}

const envoy = envoyDecoder(null);

function envoyRecord(fields: Fields, { timeUs }: LogRecordFacts): AccessRecord | null {
  if (envoyLikeness(JSON.stringify(fields)) < surely) return null;
  const start = timeUs === null ? {} : { start_time: isoOf(timeUs) };
  const record = recordIn(envoy.decode(JSON.stringify({ ...start, ...fields })));
  // Without them it is another record that names an upstream.
  return record === null || (record.method === null && record.status === null) ? null : record;
}

function textRecord(
  text: string,
  { timeUs }: LogRecordFacts,
  decoders: readonly Format[],
): AccessRecord | null {
  const found = decoders.find(({ likeness }) => likeness(text) >= surely);
  return found === undefined ? null : recordIn(found.decoder.decode(text, timeUs ?? undefined));
}

function recordIn(decoded: AccessRecord | string): AccessRecord | null {
  return typeof decoded === "string" ? null : decoded;
}

function isoOf(timeUs: number): string {
  const seconds = new Date(Math.floor(timeUs / 1e6) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(Math.floor(timeUs) % 1e6).padStart(6, "0")}Z`;
}
