import type { Grant } from "./access.ts";

/** What the listener knows of a request beside its body. */
export interface IngestRequest {
  /** Bytes as they came over the wire, before decompression. */
  readonly wireBytes: number;
  readonly receivedAtMs: number;
  /** Hex SHA-1 of method, path, query and wire body: the same for a body that is sent again. */
  readonly digest: string;
  /**
   * Whether the answer was written out whole (response `finish`): false when the sender was gone before (`close`
   * without `finish`). Settles once for every request, and never rejects; a lost answer is why senders send again.
   */
  readonly delivered: Promise<boolean>;
  /** Whether its sender gave it a key of its own (`Idempotency-Key`), which is part of the digest. */
  readonly hasKey?: boolean;
  /** Who sent it; whoever reads it tells how many records it held. Absent where nobody had to be let in. */
  readonly grant?: Grant;
}

/** The body can never be taken: the sender should not try again. */
export interface Invalid {
  readonly kind: "invalid";
  readonly message: string;
}

/** The body cannot be taken now: the sender should try again after the delay. */
export interface Busy {
  readonly kind: "busy";
  readonly retryAfterSeconds: number;
  readonly message: string;
}

export interface Accepted {
  readonly kind: "accepted";
  /** Items of the request that were not taken; the rest was. */
  readonly rejected: number;
  /** Why they were not, or a warning; empty when there is nothing to say. */
  readonly message: string;
}

export interface AccessLogsAccepted {
  readonly kind: "accepted";
  readonly answer: {
    readonly accepted: number;
    /** Lines not understood; they are kept among the log lines. */
    readonly rejected: number;
    /** Lines that are no exchange, kept as log lines: those of error logs, and those not understood. */
    readonly logLines?: number;
    readonly rejections: readonly { readonly line: number; readonly reason: string }[];
  };
}

export type IngestResult = Accepted | Invalid | Busy;
export type AccessLogsResult = AccessLogsAccepted | Invalid | Busy;

/** How OTLP writes a request: the encoding of its answer too. */
export type OtlpEncoding = "protobuf" | "json";

/** What comes after the listener. An accepted result means: stored, and never lost again. */
export interface Intake {
  traces(
    payload: Uint8Array,
    encoding: OtlpEncoding,
    request: IngestRequest,
  ): Promise<IngestResult>;
  /** Absent as long as nothing is made of OTLP logs: they are then refused with 404. */
  logs?(payload: Uint8Array, encoding: OtlpEncoding, request: IngestRequest): Promise<IngestResult>;
  /** Absent in the same way as long as nothing is made of OTLP metrics. */
  metrics?(
    payload: Uint8Array,
    encoding: OtlpEncoding,
    request: IngestRequest,
  ): Promise<IngestResult>;
  accessLogs(
    payload: Uint8Array,
    query: URLSearchParams,
    request: IngestRequest,
  ): Promise<AccessLogsResult>;
  /** A push of Loki, decompressed; absent where none is taken. */
  loki?(payload: Uint8Array, encoding: OtlpEncoding, request: IngestRequest): Promise<IngestResult>;
}
