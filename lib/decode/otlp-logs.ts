import { MalformedPayload } from "./malformed.ts";
import { Cursor } from "./otlp/cursor.ts";
import {
  attributesOf,
  type DetailValue,
  logRecordOf,
  resourceOf,
  scopeNameOf,
  serviceOf,
  stringOf,
  valueOf,
} from "./otlp/detail-messages.ts";
import { eachField, lastField, lazily } from "./otlp/each-field.ts";
import { RejectionTally } from "./otlp/rejections.ts";

/** One log record; a proxy's access line when it comes from one. */
export interface LogRecordFacts {
  /** Ordinal of the record in its payload, counting every record, also rejected ones. */
  readonly position: number;
  /** `service.name`; else the cluster of an Envoy that sends no such name; else `unknown_service`. */
  readonly service: string;
  /** `service.instance.id`, else `host.name`, else the node of an Envoy. */
  readonly instance: string | null;
  /** Epoch microseconds: when it happened, else when it was seen; null when neither was said. */
  readonly timeUs: number | null;
  readonly severity: number;
  readonly severityText: string | null;
  /**
   * The line as a log file would hold it: the body if that is text, else body or attributes as JSON.
   * Traefik sends its formatted line as the body, Envoy what its operators configured, in either place.
   */
  readonly line: string;
  readonly attributes: Readonly<Record<string, DetailValue>>;
  /** The body as it was sent. */
  readonly body: DetailValue;
  /** 32 hex digits. */
  readonly traceId: string | null;
  /** 16 hex digits. */
  readonly spanId: string | null;
  /** The program part that wrote it; null when nobody says. */
  readonly scope: string | null;
}

export interface DecodedLogs {
  readonly records: LogRecordFacts[];
  /** Records in the payload, rejected ones included. */
  readonly total: number;
  readonly rejected: number;
  /** One sentence for each reason. */
  readonly rejections: string[];
  /** Reason → how many records. */
  readonly rejectedByKind: Record<string, number>;
}

const tags = {
  resourceLogs: 0x0a,
  resource: 0x0a,
  scopeLogs: 0x12,
  scope: 0x0a,
  logRecord: 0x12,
  /** A span has its id where a log record has its time. */
  spanTraceId: 0x0a,
} as const;

/** Records taken of one payload: records can be of two bytes, and each of them becomes many more. */
const recordsMax = 200_000;

/** Reads an ExportLogsServiceRequest in protobuf; throws MalformedPayload when it is none. */
export function decodeLogs(payload: Uint8Array): DecodedLogs {
  const cursor = new Cursor(payload);
  const records: LogRecordFacts[] = [];
  const tally = new RejectionTally();
  let position = 0;
  eachField(cursor, tags.resourceLogs, () => {
    const { at, end } = cursor;
    const origin = lazily(() => originOf(lastField(payload, at, end, tags.resource)));
    eachField(cursor, tags.scopeLogs, () => {
      const { at: scopeAt, end: scopeEnd } = cursor;
      const scope = lazily(() => scopeOf(lastField(payload, scopeAt, scopeEnd, tags.scope)));
      eachField(cursor, tags.logRecord, () => {
        const bytes = payload.subarray(cursor.at, cursor.end);
        if (isSpan(cursor)) tally.add("span");
        else if (records.length >= recordsMax) tally.add("too_many_records");
        else records.push({ position, scope: scope(), ...origin(), ...factsOf(bytes) });
        position += 1;
      });
    });
  });
  return {
    records,
    total: position,
    rejected: tally.count,
    rejections: tally.sentences(),
    rejectedByKind: tally.byKind(),
  };
}

/** Whether the record that the cursor stands in has the id of a span where its time should be. */
function isSpan(cursor: Cursor): boolean {
  let span = false;
  while (cursor.next()) {
    span ||= cursor.tag === tags.spanTraceId;
    cursor.skip();
  }
  return span;
}

function originOf(bytes: Uint8Array): Pick<LogRecordFacts, "service" | "instance"> {
  const resource = readable(() => resourceOf(bytes));
  const instance = resource["service.instance.id"] ?? resource["host.name"];
  // Envoy's access logger names itself by these, unless its operators say otherwise.
  const isEnvoy = textOf(resource["log_name"]) !== null;
  const cluster = isEnvoy ? textOf(resource["cluster_name"]) : null;
  return {
    service: textOf(resource["service.name"]) ?? cluster ?? serviceOf(resource),
    instance: textOf(instance) ?? (isEnvoy ? textOf(resource["node_name"]) : null),
  };
}

function textOf(value: DetailValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function scopeOf(bytes: Uint8Array): string | null {
  const name = readable(() => scopeNameOf(bytes));
  return name === "" ? null : name;
}

type OwnFacts = Omit<LogRecordFacts, "position" | "service" | "instance" | "scope">;

function factsOf(bytes: Uint8Array): OwnFacts {
  const record = readable(() => logRecordOf(bytes));
  const attributes = attributesOf(record.attributes);
  const severityText = stringOf(record.severityText);
  const body = valueOf(record.body);
  return {
    timeUs: microsecondsOf(record.timeUnixNano) ?? microsecondsOf(record.observedTimeUnixNano),
    severity: record.severityNumber,
    severityText: severityText === "" ? null : severityText,
    line: lineOf(body, attributes),
    body,
    attributes,
    traceId: idOf(record.traceId, 16),
    spanId: idOf(record.spanId, 8),
  };
}

/** What the protobuf library reads; what it cannot read is malformed, whatever it throws. */
function readable<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedPayload(`The body is not a valid protobuf message: ${reason}.`);
  }
}

function lineOf(body: DetailValue, attributes: Readonly<Record<string, DetailValue>>): string {
  if (typeof body === "string" && body.trim() !== "") return body;
  if (typeof body === "object" && body !== null) return JSON.stringify(body);
  return JSON.stringify(attributes);
}

function microsecondsOf(nanoseconds: { toString(): string }): number | null {
  const digits = nanoseconds.toString();
  return digits === "0" ? null : Number(digits.slice(0, -3));
}

function idOf(bytes: Uint8Array, length: number): string | null {
  if (bytes.length !== length || bytes.every((byte) => byte === 0)) return null;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
