import type { AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import {
  type EnvoyField,
  envoyFields,
  type EnvoyFields,
  fieldOfKey,
  fieldOfOperator,
} from "./envoy/fields.ts";
import { envoyRecord } from "./envoy/record.ts";
import { type JsonObject, jsonObject } from "./json.ts";
import { compiledTemplate, scanTemplate, type Template, type Variable } from "./template.ts";
import { tokensOf } from "./tokens.ts";

/** Reads Envoy's access log: the default text, Istio's, JSON of any keys, or what a format string describes. */
export function envoyDecoder(logFormat: string | null): LineDecoder {
  const template = logFormat === null ? null : compiledTemplate(logFormat, operator, known);
  if (typeof template === "string") return { format: "envoy", decode: () => template };
  const keys = jsonKeys(logFormat ?? "");
  return {
    format: "envoy",
    decode(line) {
      if (line.startsWith("{")) return jsonLine(line, keys);
      return template === null || keys.size > 0 ? textLine(line) : templateLine(template, line);
    },
  };
}

/** How surely a line is Envoy's, from 0 to 1. */
export function envoyLikeness(line: string): number {
  if (line.startsWith("{"))
    return /"(response_flags|upstream_cluster|upstream_host)"/.test(line) ? 0.95 : 0;
  return textStart.test(line) && typeof textLine(line) !== "string" ? 0.95 : 0;
}

const textStart = /^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] "/;
const notText =
  'The line is no Envoy access line: expected `[2026-11-20T22:09:04.123Z] "GET /path HTTP/1.1" 200 - ...` or JSON.';
const tooShort =
  "The line ends early: after the request the code, flags, bytes received, bytes sent and duration were expected.";

/** `[start] "request" code flags [details termination "reason"] received sent duration service "xff" "agent" "id" "authority" "host" [cluster ...]` */
function textLine(line: string): AccessRecord | string {
  if (!textStart.test(line)) return notText;
  const tokens = tokensOf(line).map(({ text }) => text);
  const [startTime = "", request = "", status = "", flags = ""] = tokens;
  const numbers = tokens.findIndex((token, place) => place > 3 && /^\d+$/.test(token));
  if (numbers < 0 || numbers > 7 || tokens.length < numbers + 3) return tooShort;
  const explained = tokens.slice(4, numbers);
  const [
    ,
    bytesSent,
    durationMs,
    serviceTimeMs,
    forwardedFor,
    userAgent,
    ,
    authority,
    upstreamHost,
    upstreamCluster,
  ] = tokens.slice(numbers);
  const [method, path] = requestOf(request);
  return envoyRecord(
    {
      startTime,
      method,
      path,
      status,
      flags,
      bytesSent,
      durationMs,
      serviceTimeMs,
      forwardedFor,
      userAgent,
      authority,
      upstreamHost,
      upstreamCluster,
      details: explained.length > 1 ? explained[0] : undefined,
      upstreamFailure: explained.at(-1),
    },
    null,
  );
}

/** `- - -` is a connection without HTTP. */
function requestOf(request: string): [string?, string?] {
  const first = request.indexOf(" ");
  const last = request.lastIndexOf(" ");
  if (first < 1 || request.startsWith("-")) return [];
  return [request.slice(0, first), request.slice(first + 1, last > first ? last : request.length)];
}

const operator = /%(?<name>[A-Z_]+(?:\([^)]*\))?(?::\d+)?)%/g;

function known(match: RegExpMatchArray): Variable {
  const field = fieldOfOperator(match[0]);
  const slot = field === null ? null : envoyFields.indexOf(field);
  return { name: match[0], slot, kind: "text", opensWith: null };
}

function templateLine(template: Template, line: string): AccessRecord | string {
  const values: (string | undefined)[] = [];
  const scan = scanTemplate(template, line, values);
  if ("refusal" in scan) return scan.refusal;
  const fields: EnvoyFields = {};
  for (const [place, field] of envoyFields.entries()) fields[field] = values[place];
  return envoyRecord(fields, scan.unread);
}

/** Key → field of a JSON format. */
function jsonKeys(format: string): ReadonlyMap<string, EnvoyField> {
  const pairs = [...format.matchAll(/"(?<key>[^"]+)"\s*:\s*"(?<operator>%[^"]+%)"/g)];
  return new Map(
    pairs.flatMap(({ groups }) => {
      const field = fieldOfOperator(groups?.["operator"] ?? "");
      return field === null ? [] : [[groups?.["key"] ?? "", field]];
    }),
  );
}

function jsonLine(line: string, keys: ReadonlyMap<string, EnvoyField>): AccessRecord | string {
  const object = jsonObject(line);
  if (object === null) return "The line begins with { but is no JSON object.";
  return envoyRecord(fieldsOf(object, keys), null);
}

function fieldsOf(object: JsonObject, keys: ReadonlyMap<string, EnvoyField>): EnvoyFields {
  const fields: EnvoyFields = {};
  for (const [key, value] of Object.entries(object)) {
    const field = keys.get(key) ?? fieldOfKey(key);
    if (field !== null && fields[field] === undefined) fields[field] = textOf(value);
  }
  return fields;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}
