import type { LogLine } from "#lib/core/log-line.ts";
import { RecordRows, type RowNames } from "#lib/core/record-rows.ts";
import { MalformedPayload } from "#lib/decode/malformed.ts";
import { otlpAccessReader } from "#lib/decode/otlp-access-log.ts";
import { logsFromJson, metricsFromJson, tracesFromJson } from "#lib/decode/otlp-json.ts";
import { decodeLogs } from "#lib/decode/otlp-logs.ts";
import { decodeMetrics, type DecodedPoint } from "#lib/decode/otlp-metrics.ts";
import { readTraces } from "#lib/decode/otlp-traces.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import type { CallHabits } from "#lib/normalize/call-habits.ts";
import { logLineOfRecord } from "#lib/normalize/log-line.ts";
import { addExchange } from "#lib/normalize/record-rows.ts";
import { SpanRows } from "#lib/normalize/span-rows.ts";
import type { OtlpEncoding } from "#lib/receive/intake.ts";

import { Refusals, type Timeliness } from "./refusals.ts";
import { type Heard, Newest } from "./senders.ts";

/** Only a guess at how many rows a request will have. */
const spanBytesUsual = 300;

/** What an OTLP request holds. */
interface ReadRequest {
  /** The request as protobuf, whatever it came as. */
  readonly body: Uint8Array;
  readonly total: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly sentences: readonly string[];
}

interface ReadRows extends ReadRequest {
  readonly rows: RecordRows;
  readonly heard: readonly Heard[];
}

export interface ReadSpans extends ReadRows {
  /** Spans that are taken; some make more than one row. */
  readonly spans: number;
}

export interface ReadLogs extends ReadRows {
  /** Records that became exchanges. */
  readonly exchanges: number;
  readonly logLines: readonly LogLine[];
}

export interface ReadPoints extends ReadRequest {
  readonly points: readonly DecodedPoint[];
}

/** The points of a request that are taken, or why it cannot be read. */
export function readPoints(
  payload: Uint8Array,
  encoding: OtlpEncoding,
  timeliness: Timeliness,
): ReadPoints | string {
  return unlessMalformed(() => {
    const body = encoding === "json" ? metricsFromJson(textOf(payload)) : payload;
    const decoded = decodeMetrics(body);
    const refusals = new Refusals(decoded.rejectedByKind, decoded.rejections);
    const untimely = new Set<number>();
    const points = decoded.points.filter(({ atUs, position }) => {
      const refusal = timeliness(atUs);
      if (refusal === null) return true;
      if (!untimely.has(position)) refusals.add(refusal);
      untimely.add(position);
      return false;
    });
    return { body, points, total: decoded.total, ...told(refusals) };
  });
}

/** How the spans of a request are judged. */
export interface SpanReading {
  readonly timeliness: Timeliness;
  /** Those of the proxies of its project. */
  readonly habits: CallHabits;
  /** Those of its project. */
  readonly names: RowNames;
}

/** The spans of a request that are taken, or a sentence that says why it cannot be read. */
export function readSpans(
  payload: Uint8Array,
  encoding: OtlpEncoding,
  { timeliness, habits, names }: SpanReading,
): ReadSpans | string {
  return unlessMalformed(() => {
    const body = encoding === "json" ? tracesFromJson(textOf(payload)) : payload;
    const rows = new RecordRows(Math.ceil(body.byteLength / spanBytesUsual), names);
    const spanRows = new SpanRows(rows, habits);
    const newest = new Newest();
    const untimely = new Refusals();
    let spans = 0;
    const read = readTraces(body, (span) => {
      const refusal = timeliness(span.startUs);
      if (refusal !== null) return untimely.add(refusal);
      spanRows.add(span);
      spans += 1;
      newest.see(span.service, span.instance, span.startUs + span.durationUs);
    });
    spanRows.finish();
    const refusals = new Refusals(read.rejectedByKind, read.rejections);
    refusals.addAll(untimely);
    return { body, rows, spans, heard: newest.heard(), total: read.total, ...told(refusals) };
  });
}

/** How the records of a request are judged. */
export interface LogReading {
  /** Those of its project. */
  readonly names: RowNames;
  readonly receivedMs: number;
  readonly timeliness: Timeliness;
  readonly logTimeliness: Timeliness;
}

/** The records of a request that are taken, as exchanges and as log lines, or why it cannot be read. */
export function readLogs(
  payload: Uint8Array,
  encoding: OtlpEncoding,
  { receivedMs, timeliness, logTimeliness, names }: LogReading,
): ReadLogs | string {
  return unlessMalformed(() => {
    const body = encoding === "json" ? logsFromJson(textOf(payload)) : payload;
    const decoded = decodeLogs(body);
    const refusals = new Refusals(decoded.rejectedByKind, decoded.rejections);
    const rows = new RecordRows(0, names);
    const newest = new Newest();
    let exchanges = 0;
    const logLines: LogLine[] = [];
    const accessRecordOf = otlpAccessReader();
    for (const facts of decoded.records) {
      const record = accessRecordOf(facts);
      const line = record === null ? logLineOfRecord(facts, receivedMs * 1000) : null;
      const refusal = line === null ? timeliness(record?.startUs ?? 0) : logTimeliness(line.atUs);
      if (refusal !== null) refusals.add(refusal);
      else if (line !== null) {
        logLines.push(line);
        newest.seeLogLine(line, receivedMs);
      } else if (record !== null) {
        const origin = { proxy: facts.service, instance: facts.instance };
        const exchange = exchangeOfRecord(record, origin);
        addExchange(rows, facts.position, exchange);
        newest.seeExchange(exchange);
        exchanges += 1;
      }
    }
    const heard = newest.heard();
    return { body, rows, exchanges, logLines, heard, total: decoded.total, ...told(refusals) };
  });
}

function told(refusals: Refusals): Pick<ReadRequest, "reasons" | "sentences"> {
  return { reasons: refusals.byKind(), sentences: refusals.sentences() };
}

function unlessMalformed<Read>(read: () => Read): Read | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedPayload) return error.message;
    throw error;
  }
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
}
