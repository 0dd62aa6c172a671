import { accessLogDecoder, accessLogFormats } from "#lib/decode/access-log.ts";
import type { LineDecoder } from "#lib/decode/access-record.ts";
import { MalformedPayload } from "#lib/decode/malformed.ts";
import { tracesFromJson } from "#lib/decode/otlp-json.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import type { AccessLogsResult, IngestRequest, IngestResult, Intake } from "#lib/receive/intake.ts";

import type { CommitQueue, CommitResult } from "./commit-queue.ts";
import type { IngestCounters } from "./counters.ts";
import { readLines, type Refusal } from "./lines.ts";
import type { LineStream, Prepared } from "./prepared.ts";
import type { StoredBodies } from "./stored-bodies.ts";

/** Records that begin later than this after now are refused: a clock or a time zone is wrong. */
const futureMsMax = 86_400_000;
const decodersMax = 1_000;
const retryAfterSeconds = 2;
const nameLengthMax = 200;

export interface IntakeOptions {
  readonly project: number;
  readonly queue: CommitQueue;
  readonly bodies: StoredBodies;
  readonly counters: IngestCounters;
  readonly nowMs: () => number;
  /** How far back records are kept, in milliseconds; older ones are refused. */
  readonly retentionMs: number;
}

type Failure = Extract<IngestResult, { kind: "invalid" | "busy" }>;

/** A request between its arrival and its commit. */
interface Flight {
  readonly result: Promise<CommitResult>;
  answerLost: boolean;
}

/** Reads requests, hands what is good of them to the commit queue, and tells how it ended. */
export class IngestIntake implements Intake {
  readonly #options: IntakeOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #decoders = new Map<string, LineDecoder>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async traces(
    payload: Uint8Array,
    contentType: "protobuf" | "json",
    request: IngestRequest,
  ): Promise<IngestResult> {
    const { counters } = this.#options;
    const read = this.#readSpans(payload, contentType);
    if (typeof read === "string") {
      counters.malformed("traces");
      return { kind: "invalid", message: read };
    }
    const { spans, total, sentences, reasons } = read;
    request.grant?.spend(total, 0);
    const count = (): IngestResult => {
      counters.accepted("traces", spans.length);
      counters.rejected("traces", reasons);
      return { kind: "accepted", rejected: total - spans.length, message: sentences.join(" ") };
    };
    if (spans.length === 0) return count();
    const prepared = { signal: "traces", stream: null, payload: read.body, lines: [] } as const;
    return this.#store({ ...prepared, records: total, spans }, request, count);
  }

  async accessLogs(
    payload: Uint8Array,
    query: URLSearchParams,
    request: IngestRequest,
  ): Promise<AccessLogsResult> {
    const { counters } = this.#options;
    const stream = streamOf(query);
    if (typeof stream === "string") return { kind: "invalid", message: stream };
    const read = readLines(payload, {
      decoder: this.#decoderOf(stream),
      stream,
      receivedMs: request.receivedAtMs,
      timeliness: (startUs) => this.#untimely(startUs),
    });
    const { lines, records, rejected, rejections } = read;
    request.grant?.spend(records, 0);
    const count = (): AccessLogsResult => {
      counters.accepted("access-logs", lines.length);
      counters.rejected("access-logs", read.reasons);
      const answer = { accepted: lines.length, rejected, rejections: [...rejections] };
      return { kind: "accepted", answer };
    };
    if (lines.length === 0 && read.held === 0) return count();
    const prepared = { signal: "access-logs", stream, payload, spans: [] } as const;
    return this.#store({ ...prepared, records, lines }, request, count);
  }

  /** Stores what was prepared unless it is stored already; gives `done` or how it failed. */
  async #store<Done>(
    prepared: Omit<Prepared, "project" | "digest" | "receivedMs">,
    request: IngestRequest,
    done: () => Done,
  ): Promise<Done | Failure> {
    const result = await this.#stored(prepared, request);
    if (result.kind !== "stored") return failureOf(result);
    const { bodies, nowMs } = this.#options;
    void this.#watchAnswer(request, () => bodies.answerLost(request.digest, nowMs()));
    return done();
  }

  async #stored(
    prepared: Omit<Prepared, "project" | "digest" | "receivedMs">,
    request: IngestRequest,
  ): Promise<CommitResult> {
    const { bodies, nowMs, queue, counters } = this.#options;
    const { digest } = request;
    const project = request.grant?.project ?? this.#options.project;
    const earlier = this.#flights.get(digest);
    if (earlier?.answerLost === true || bodies.take(digest, nowMs())) {
      counters.resent();
      return earlier?.result ?? { kind: "stored" };
    }
    const receivedMs = request.receivedAtMs;
    const flight: Flight = {
      result: queue.add({ ...prepared, project, digest, receivedMs }),
      answerLost: false,
    };
    this.#flights.set(digest, flight);
    void this.#watchAnswer(request, () => {
      flight.answerLost = true;
    });
    const result = await flight.result;
    if (this.#flights.get(digest) === flight) this.#flights.delete(digest);
    return result;
  }

  async #watchAnswer(request: IngestRequest, onLost: () => void): Promise<void> {
    if (!(await request.delivered)) onLost();
  }

  #readSpans(payload: Uint8Array, contentType: "protobuf" | "json"): ReadSpans | string {
    try {
      const body = contentType === "json" ? tracesFromJson(textOf(payload)) : payload;
      const decoded = decodeTraces(body);
      const reasons = { ...decoded.rejectedByKind };
      const sentences = [...decoded.rejections];
      const spans = decoded.spans.filter((span) => {
        const refusal = this.#untimely(span.startUs);
        if (refusal === null) return true;
        if (reasons[refusal.kind] === undefined) sentences.push(refusal.sentence);
        reasons[refusal.kind] = (reasons[refusal.kind] ?? 0) + 1;
        return false;
      });
      return { body, spans, total: decoded.total, reasons, sentences };
    } catch (error) {
      if (error instanceof MalformedPayload) return error.message;
      throw error;
    }
  }

  #untimely(startUs: number): Refusal | null {
    const { nowMs, retentionMs } = this.#options;
    const now = nowMs();
    if (startUs / 1000 > now + futureMsMax) return tooNew;
    return startUs / 1000 < now - retentionMs ? tooOld : null;
  }

  #decoderOf(stream: LineStream): LineDecoder {
    const key = JSON.stringify(stream);
    let decoder = this.#decoders.get(key);
    if (decoder === undefined) {
      if (this.#decoders.size >= decodersMax) this.#decoders.clear();
      decoder = accessLogDecoder(stream);
      this.#decoders.set(key, decoder);
    }
    return decoder;
  }
}

interface ReadSpans {
  readonly body: Uint8Array;
  readonly spans: readonly SpanRecord[];
  readonly total: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly sentences: readonly string[];
}

const tooNew: Refusal = {
  kind: "in_the_future",
  sentence:
    "A record that begins more than a day from now is refused: check the sender's clock and time zone.",
};
const tooOld: Refusal = {
  kind: "older_than_retention",
  sentence: "A record older than the retention time is refused.",
};

/** How the lines of a request are to be read, or what is wrong with its query. */
function streamOf(query: URLSearchParams): LineStream | string {
  const format = query.get("format") ?? "auto";
  const proxy = query.get("proxy") ?? "";
  const instance = query.get("instance");
  if (!accessLogFormats.includes(format)) {
    return `?format= must be one of ${accessLogFormats.join(", ")}.`;
  }
  if (proxy === "")
    return "?proxy= must name the proxy that wrote these lines, such as ?proxy=edge-nginx.";
  if (proxy.length > nameLengthMax || (instance?.length ?? 0) > nameLengthMax) {
    return `?proxy= and ?instance= may have at most ${nameLengthMax} characters.`;
  }
  return { format, logFormat: query.get("log_format"), proxy, instance };
}

function failureOf(result: Exclude<CommitResult, { kind: "stored" }>): Failure {
  const { message } = result;
  return result.kind === "refused"
    ? { kind: "invalid", message }
    : { kind: "busy", retryAfterSeconds, message };
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
}
