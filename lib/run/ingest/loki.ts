import { createHash } from "node:crypto";

import { isZone } from "#lib/core/calendar.ts";
import { freeBytes } from "#lib/core/free-bytes.ts";
import { accessLogFormats } from "#lib/decode/access-log.ts";
import { lokiBody, type LokiStream, lokiStreams } from "#lib/decode/loki.ts";
import { MalformedPayload } from "#lib/decode/malformed.ts";
import type {
  AccessLogsResult,
  IngestRequest,
  IngestResult,
  Intake,
  OtlpEncoding,
} from "#lib/receive/intake.ts";

/** Labels that name the proxy, the first that is there. */
const proxyLabels = ["proxy", "service_name", "service", "app", "container", "unit", "job"];
/** Labels that name the process of it. */
const instanceLabels = ["instance", "pod", "host", "hostname", "node_name"];
const nameLengthMax = 200;
const utc = "UTC";
/** Proxies and instances of one push. */
const groupsMax = 1_000;

type AccessLogs = Intake["accessLogs"];

/** Takes a push of Loki: the lines of every proxy in it as that proxy's access log. */
export async function takeLoki(
  accessLogs: AccessLogs,
  payload: Uint8Array,
  encoding: OtlpEncoding,
  request: IngestRequest,
): Promise<IngestResult> {
  const read = streamsOf(payload, encoding);
  if (typeof read === "string") return { kind: "invalid", message: read };
  const strange = read.map(({ labels }) => zoneOf(labels)).find((zone) => !isZone(zone));
  if (strange !== undefined) {
    const message = `The label tz is ${JSON.stringify(strange.slice(0, nameLengthMax))}, but must be a time zone of the IANA database, such as Europe/Berlin.`;
    return { kind: "invalid", message };
  }
  const groups = groupsOf(read);
  if (groups.size > groupsMax) {
    const message = `The push holds lines of ${groups.size} proxies and instances: send at most ${groupsMax} at a time.`;
    return { kind: "invalid", message };
  }
  const bodies = [...groups].map(([query, streams]) => ({ query, body: lokiBody(streams) }));
  freeBytes(payload);
  return storeAll(accessLogs, bodies, request);
}

/** The lines of one access log. */
interface Part {
  readonly query: string;
  readonly body: Buffer;
}

function streamsOf(payload: Uint8Array, encoding: OtlpEncoding): readonly LokiStream[] | string {
  try {
    return lokiStreams(payload, encoding);
  } catch (error) {
    if (error instanceof MalformedPayload) return error.message;
    throw error;
  }
}

/** The query of an access log → the streams of it. */
function groupsOf(streams: readonly LokiStream[]): ReadonlyMap<string, readonly LokiStream[]> {
  return Map.groupBy(streams, ({ labels }) => queryOf(labels));
}

function queryOf(labels: ReadonlyMap<string, string>): string {
  const first = (names: readonly string[]) =>
    names.map((name) => labels.get(name)).find((value) => value !== undefined && value !== "");
  const format = labels.get("format") ?? "auto";
  const query = new URLSearchParams({
    proxy: (first(proxyLabels) ?? "loki").slice(0, nameLengthMax),
    format: accessLogFormats.includes(format) ? format : "auto",
  });
  const instance = first(instanceLabels);
  const zone = zoneOf(labels);
  if (zone !== utc) query.set("tz", zone);
  if (instance !== undefined) query.set("instance", instance.slice(0, nameLengthMax));
  return query.toString();
}

/** The zone of times that are written without one. */
function zoneOf(labels: ReadonlyMap<string, string>): string {
  return labels.get("tz") || utc;
}

/** All of the push is stored, or its sender is told to send it again: what is stored already is recognized then. */
async function storeAll(
  accessLogs: AccessLogs,
  parts: readonly Part[],
  request: IngestRequest,
): Promise<IngestResult> {
  const answered = Promise.withResolvers<boolean>();
  try {
    const results = await Promise.all(
      parts.map(({ query, body }) =>
        accessLogs(body, new URLSearchParams(query), requestOf(request, query, answered.promise)),
      ),
    );
    const failed = results.find((result) => result.kind !== "accepted");
    if (failed !== undefined) {
      answered.resolve(false);
      return failed;
    }
    answered.resolve(request.delivered);
    return sumOf(results);
  } finally {
    answered.resolve(false);
  }
}

function requestOf(
  request: IngestRequest,
  query: string,
  delivered: Promise<boolean>,
): IngestRequest {
  const digest = createHash("sha1").update(`${request.digest} ${query}`).digest("hex");
  return { ...request, digest, delivered };
}

function sumOf(results: readonly AccessLogsResult[]): IngestResult {
  const answers = results.flatMap((result) => (result.kind === "accepted" ? [result.answer] : []));
  const rejected = answers.reduce((sum, answer) => sum + answer.rejected, 0);
  const [first] = answers.flatMap(({ rejections }) => rejections);
  return { kind: "accepted", rejected, message: first?.reason ?? "" };
}
