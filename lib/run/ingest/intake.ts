import { RecordRows } from "#lib/core/record-rows.ts";
import { accessLogDecoder, type StreamDecoder } from "#lib/decode/access-log.ts";
import { CallHabits } from "#lib/normalize/call-habits.ts";
import type {
  AccessLogsResult,
  IngestRequest,
  IngestResult,
  Intake,
  OtlpEncoding,
} from "#lib/receive/intake.ts";
import type { SeriesNumbers } from "#lib/store/metric-series.ts";

import type { CommitQueue, CommitResult } from "./commit-queue.ts";
import type { IngestCounters } from "./counters.ts";
import { streamOf } from "./line-stream.ts";
import { readLines } from "./lines.ts";
import { takeLoki } from "./loki.ts";
import { numbered } from "./numbered-points.ts";
import type { OpenAnswers } from "./open-answers.ts";
import { readLogs, readPoints, readSpans } from "./otlp.ts";
import type { LineStream, Prepared, RequestState } from "./prepared.ts";
import { type Timeliness, timelinessAt } from "./refusals.ts";
import { heardInPoints, type Senders } from "./senders.ts";
import { SharedNames } from "./shared-names.ts";
import type { StoredBodies } from "./stored-bodies.ts";

const decodersMax = 1_000;
const retryAfterSeconds = 2;
const databaseAway = "The database is not available.";

export interface IntakeOptions {
  readonly project: number;
  readonly queue: Pick<CommitQueue, "add">;
  readonly bodies: StoredBodies;
  readonly answers: OpenAnswers;
  readonly counters: IngestCounters;
  /** Told of everybody who sends. */
  readonly senders?: Senders | undefined;
  readonly nowMs: () => number;
  readonly keptMs: SignalKeptMs;
  readonly series: SeriesNumbers;
}

/** How far back records are kept, in milliseconds; older ones are refused. */
export type SignalKeptMs = Readonly<Record<"traces" | "accessLogs" | "logs" | "metrics", number>>;

/** What was read of a request. */
type Read = Omit<Prepared, "project" | "digest" | "hasKey" | "isUnique" | "receivedMs" | "state">;

type Failure = Extract<IngestResult, { kind: "invalid" | "busy" }>;

/** A request between its arrival and its commit. */
interface Flight {
  readonly result: Promise<CommitResult>;
  readonly state: RequestState;
}

/** Reads requests, hands what is good of them to the commit queue, and tells how it ended. */
export class IngestIntake implements Intake {
  readonly #options: IntakeOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #decoders = new Map<string, StreamDecoder>();
  readonly #names = new SharedNames();
  readonly #habits = new Map<number, CallHabits>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async traces(
    payload: Uint8Array,
    encoding: OtlpEncoding,
    request: IngestRequest,
  ): Promise<IngestResult> {
    const { counters } = this.#options;
    const timeliness = this.#timeliness("traces");
    const project = this.#projectOf(request);
    const read = readSpans(payload, encoding, {
      timeliness,
      habits: this.#habitsOf(project),
      names: this.#names.of(project),
    });
    if (typeof read === "string") {
      counters.malformed("traces");
      return { kind: "invalid", message: read };
    }
    const { body, rows, spans, total, sentences, reasons } = read;
    request.grant?.spend(total, 0);
    this.#options.senders?.hear(read.heard, request.receivedAtMs, request.grant);
    const count = (): IngestResult => {
      counters.accepted("traces", spans);
      counters.rejected("traces", reasons);
      return { kind: "accepted", rejected: total - spans, message: sentences.join(" ") };
    };
    if (spans === 0) return count();
    const prepared = { ...blank, signal: "traces", payload: body, keepsPayload: true } as const;
    return this.#store({ ...prepared, records: total, rows }, request, count);
  }

  async logs(
    payload: Uint8Array,
    encoding: OtlpEncoding,
    request: IngestRequest,
  ): Promise<IngestResult> {
    const { counters } = this.#options;
    const receivedMs = request.receivedAtMs;
    const names = this.#names.of(this.#projectOf(request));
    const read = readLogs(payload, encoding, { names, receivedMs, ...this.#lineTimeliness() });
    if (typeof read === "string") {
      counters.malformed("logs");
      return { kind: "invalid", message: read };
    }
    const { body, rows, exchanges, logLines, total, sentences, reasons } = read;
    request.grant?.spend(total, 0);
    this.#options.senders?.hear(read.heard, request.receivedAtMs, request.grant);
    const taken = exchanges + logLines.length;
    const count = (): IngestResult => {
      counters.accepted("logs", taken);
      counters.rejected("logs", reasons);
      counters.logLines(logLines);
      return { kind: "accepted", rejected: total - taken, message: sentences.join(" ") };
    };
    if (taken === 0) return count();
    // Only for the sake of exchanges, which are read again from what came.
    const keepsPayload = exchanges > 0;
    const prepared = { ...blank, signal: "logs", payload: body, keepsPayload } as const;
    return this.#store({ ...prepared, records: total, rows, logLines }, request, count);
  }

  async metrics(
    payload: Uint8Array,
    encoding: OtlpEncoding,
    request: IngestRequest,
  ): Promise<IngestResult> {
    const { counters, series, nowMs } = this.#options;
    const read = readPoints(payload, encoding, this.#timeliness("metrics"));
    if (typeof read === "string") {
      counters.malformed("metrics");
      return { kind: "invalid", message: read };
    }
    const { body, total } = read;
    request.grant?.spend(total, 0);
    this.#options.senders?.hear(heardInPoints(read.points), request.receivedAtMs, request.grant);
    const project = this.#projectOf(request);
    const placed = await numbered(read, (wanted) => series.resolve(project, wanted, nowMs()));
    if (placed === null) return { kind: "busy", retryAfterSeconds, message: databaseAway };
    const { points, sentences, reasons } = placed;
    const rejected = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    const count = (): IngestResult => {
      counters.accepted("metrics", total - rejected);
      counters.rejected("metrics", reasons);
      return { kind: "accepted", rejected, message: sentences.join(" ") };
    };
    if (points.length === 0) return count();
    const prepared = { ...blank, signal: "metrics", payload: body, keepsPayload: true } as const;
    return this.#store({ ...prepared, records: total, points }, request, count);
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
      names: this.#names.of(this.#projectOf(request)),
      receivedMs: request.receivedAtMs,
      ...this.#lineTimeliness(),
    });
    const { rows, logLines, records, rejected, rejections } = read;
    request.grant?.spend(records, 0);
    const accepted = read.exchanges + logLines.filter(({ kind }) => kind === "record").length;
    this.#options.senders?.hear(read.heard, request.receivedAtMs, request.grant);
    const count = (): AccessLogsResult => {
      counters.accepted("access-logs", accepted);
      counters.rejected("access-logs", read.reasons);
      counters.logLines(logLines);
      const answer = { accepted, rejected, logLines: logLines.length, rejections };
      return { kind: "accepted", answer };
    };
    const keepsPayload = read.exchanges > 0 || read.held > 0;
    if (!keepsPayload && logLines.length === 0) return count();
    const prepared = { ...blank, signal: "access-logs", stream, payload, keepsPayload } as const;
    return this.#store({ ...prepared, records, rows, logLines }, request, count);
  }

  async loki(
    payload: Uint8Array,
    encoding: OtlpEncoding,
    request: IngestRequest,
  ): Promise<IngestResult> {
    const result = await takeLoki(this.accessLogs.bind(this), payload, encoding, request);
    if (result.kind === "invalid") this.#options.counters.malformed("access-logs");
    return result;
  }

  /** Stores what was prepared unless it is stored already; gives `done` or how it failed. */
  async #store<Done>(
    prepared: Read,
    request: IngestRequest,
    done: () => Done,
  ): Promise<Done | Failure> {
    const { bodies, answers, nowMs } = this.#options;
    const answered = answers.begin(nowMs());
    const state: RequestState = { isSenderGone: false, stored: "unknown" };
    let isStored = false;
    try {
      const result = await this.#stored(prepared, request, state);
      if (result.kind !== "stored") return failureOf(result);
      isStored = true;
      return done();
    } finally {
      const noteLost = (): void => {
        if (isStored && state.stored !== "answered") bodies.answerLost(request.digest, nowMs());
      };
      void this.#watchAnswer(request, noteLost).finally(answered);
    }
  }

  async #stored(
    prepared: Read,
    request: IngestRequest,
    state: RequestState,
  ): Promise<CommitResult> {
    const { bodies, nowMs, queue, counters } = this.#options;
    const { digest } = request;
    const earlier = this.#flights.get(digest);
    if (earlier?.state.isSenderGone === true || bodies.take(digest, nowMs())) {
      counters.resent(1);
      return earlier?.result ?? stored;
    }
    void this.#watchAnswer(request, () => {
      state.isSenderGone = true;
    });
    const flight: Flight = { result: queue.add(this.#complete(prepared, request, state)), state };
    this.#flights.set(digest, flight);
    const result = await flight.result;
    if (this.#flights.get(digest) === flight) this.#flights.delete(digest);
    return result;
  }

  #complete(read: Read, request: IngestRequest, state: RequestState): Prepared {
    const { digest, hasKey = false, receivedAtMs: receivedMs } = request;
    const project = this.#projectOf(request);
    return {
      ...read,
      project,
      digest,
      hasKey,
      isUnique: hasKey || hasIds[read.signal],
      receivedMs,
      state,
    };
  }

  async #watchAnswer(request: IngestRequest, onLost: () => void): Promise<void> {
    if (!(await request.delivered)) onLost();
  }

  #projectOf({ grant }: IngestRequest): number {
    return grant?.project ?? this.#options.project;
  }

  #timeliness(signal: keyof SignalKeptMs): Timeliness {
    const { nowMs, keptMs } = this.#options;
    return timelinessAt(nowMs(), keptMs[signal]);
  }

  #lineTimeliness(): { readonly timeliness: Timeliness; readonly logTimeliness: Timeliness } {
    return { timeliness: this.#timeliness("accessLogs"), logTimeliness: this.#timeliness("logs") };
  }

  #habitsOf(project: number): CallHabits {
    let habits = this.#habits.get(project);
    if (habits === undefined) {
      habits = new CallHabits();
      this.#habits.set(project, habits);
    }
    return habits;
  }

  #decoderOf(stream: LineStream): StreamDecoder {
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

const stored = { kind: "stored" } as const;

/** Whether two equal requests can only be the same one. */
const hasIds = { traces: true, metrics: true, logs: false, "access-logs": false } as const;

/** What only some signals have. */
const blank = { stream: null, rows: new RecordRows(0), logLines: [], points: [] } as const;

function failureOf(result: Exclude<CommitResult, { kind: "stored" }>): Failure {
  const { message } = result;
  return result.kind === "refused"
    ? { kind: "invalid", message }
    : { kind: "busy", retryAfterSeconds, message };
}
