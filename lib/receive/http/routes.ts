import type { IncomingMessage } from "node:http";

import type { Busy, IngestRequest, Intake, Invalid } from "../intake.ts";
import { contentEncodingOf } from "./decompress.ts";
import {
  type Dialect,
  type OtlpDialect,
  otlpJson,
  otlpProtobuf,
  plainText,
  problemDetails,
} from "./dialect.ts";
import { busy, Refusal } from "./refusal.ts";

/** A reply that is ready to be sent. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
}

/** One path that takes telemetry. */
export interface Route {
  /** Word for the counters. */
  readonly name: string;
  /** How this request is answered when it fails; never throws. */
  dialect(request: IncomingMessage): Dialect;
  /** Throws a Refusal for what can be refused before the body is read. */
  check(request: IncomingMessage, intake: Intake): void;
  /** What the body is compressed with; null for nothing. Throws a Refusal for what cannot be undone. */
  encodingOf(request: IncomingMessage): string | null;
  /** `search` is the query, undecoded. Hands the body on and gives the reply; throws a Refusal when it is not taken. */
  take(
    intake: Intake,
    request: IncomingMessage,
    body: Buffer,
    search: string,
    facts: IngestRequest,
  ): Promise<Reply>;
}

/** The paths that take telemetry. A further signal is a further row. */
export const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/v1/traces", otlpRoute("traces", (intake) => intake.traces.bind(intake))],
  ["/v1/logs", otlpRoute("logs", (intake) => intake.logs?.bind(intake))],
  ["/v1/metrics", otlpRoute("metrics", (intake) => intake.metrics?.bind(intake))],
  ["/v1development/profiles", otlpRoute("profiles", () => undefined)],
  ["/ingest/access-logs", accessLogsRoute()],
  ["/loki/api/v1/push", lokiRoute()],
]);

/** How the rejected items of a signal are called in OTLP/JSON. */
const rejectedFields = new Map([
  ["traces", "rejectedSpans"],
  ["logs", "rejectedLogRecords"],
  ["metrics", "rejectedDataPoints"],
]);

type Store = NonNullable<Intake["logs"]>;

/** `storeOf` gives what takes the signal, if anything does. */
function otlpRoute(name: string, storeOf: (intake: Intake) => Store | undefined): Route {
  return {
    name,
    dialect: dialectOf,
    encodingOf: encodingByHeader,
    check(request, intake) {
      if (storeOf(intake) === undefined) throw notTaken(name);
      if (mediaType(request) === otlpProtobuf.contentType) return;
      if (mediaType(request) === otlpJson.contentType) return;
      throw new Refusal(
        415,
        "media_type",
        "Content-Type must be application/x-protobuf or application/json.",
      );
    },
    async take(intake, request, body, _, facts) {
      const store = storeOf(intake);
      if (store === undefined) throw notTaken(name);
      const dialect = dialectOf(request);
      const encoding = dialect === otlpProtobuf ? "protobuf" : "json";
      const result = await store(body, encoding, facts);
      if (result.kind !== "accepted") throw refusalOf(result);
      const { contentType } = dialect;
      const field = rejectedFields.get(name) ?? "";
      const answer = dialect.accepted(field, result.rejected, result.message);
      return { status: 200, contentType, body: answer };
    },
  };
}

function notTaken(signal: string): Refusal {
  return new Refusal(
    404,
    "signal",
    `Viascope does not take OpenTelemetry ${signal}; send traces, logs or metrics.`,
  );
}

function accessLogsRoute(): Route {
  return {
    name: "access-logs",
    dialect: () => problemDetails,
    check: () => {},
    encodingOf: encodingByHeader,
    async take(intake, _, body, search, facts) {
      const result = await intake.accessLogs(body, new URLSearchParams(search), facts);
      if (result.kind !== "accepted") throw refusalOf(result);
      return {
        status: 200,
        contentType: "application/json",
        body: JSON.stringify(result.answer),
      };
    },
  };
}

/** Loki's own clients send protobuf in a block of Snappy without saying so, others JSON. */
function lokiRoute(): Route {
  return {
    name: "loki",
    dialect: () => plainText,
    check(request, intake) {
      if (intake.loki === undefined) throw notTaken("pushes of Loki");
      if (["application/x-protobuf", "application/json"].includes(mediaType(request))) return;
      const sentence = "Content-Type must be application/x-protobuf or application/json.";
      throw new Refusal(415, "media_type", sentence);
    },
    encodingOf(request) {
      if (mediaType(request) === "application/json") return encodingByHeader(request);
      const header = request.headers["content-encoding"]?.trim().toLowerCase() ?? "snappy";
      if (header === "snappy" || header === "") return "snappy";
      const sentence = `A push in protobuf is a block of Snappy; Content-Encoding "${header.slice(0, 40)}" is not supported.`;
      throw new Refusal(415, "content_encoding", sentence);
    },
    async take(intake, request, body, _, facts) {
      const encoding = mediaType(request) === "application/json" ? "json" : "protobuf";
      const result = await intake.loki?.(body, encoding, facts);
      if (result === undefined) throw notTaken("pushes of Loki");
      if (result.kind !== "accepted") throw refusalOf(result);
      return { status: 204, contentType: plainText.contentType, body: "" };
    },
  };
}

function encodingByHeader(request: IncomingMessage): string | null {
  return contentEncodingOf(request.headers["content-encoding"]);
}

function refusalOf(result: Invalid | Busy): Refusal {
  if (result.kind === "invalid") return new Refusal(400, "invalid", result.message);
  return busy("busy", result.message, result.retryAfterSeconds);
}

/** JSON unless protobuf was sent, also where the content type is missing or unknown. */
function dialectOf(request: IncomingMessage): OtlpDialect {
  return mediaType(request) === otlpProtobuf.contentType ? otlpProtobuf : otlpJson;
}

function mediaType(request: IncomingMessage): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
