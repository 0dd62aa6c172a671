import type { IncomingMessage } from "node:http";

import type {
  Busy,
  IngestRequest,
  IngestResult,
  Intake,
  Invalid,
  OtlpEncoding,
} from "../intake.ts";
import {
  type Dialect,
  type OtlpDialect,
  otlpJson,
  otlpProtobuf,
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
  check(request: IncomingMessage): void;
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
  [
    "/v1/traces",
    otlpRoute("traces", "rejectedSpans", (intake, body, encoding, facts) =>
      intake.traces(body, encoding, facts),
    ),
  ],
  ["/v1/logs", notYet("logs")],
  ["/v1/metrics", notYet("metrics")],
  ["/v1development/profiles", notYet("profiles")],
  ["/ingest/access-logs", accessLogsRoute()],
]);

function otlpRoute(
  name: string,
  rejectedField: string,
  store: (
    intake: Intake,
    body: Buffer,
    encoding: OtlpEncoding,
    facts: IngestRequest,
  ) => Promise<IngestResult>,
): Route {
  return {
    name,
    dialect: dialectOf,
    check(request) {
      if (mediaType(request) === otlpProtobuf.contentType) return;
      if (mediaType(request) === otlpJson.contentType) return;
      throw new Refusal(
        415,
        "media_type",
        "Content-Type must be application/x-protobuf or application/json.",
      );
    },
    async take(intake, request, body, _, facts) {
      const dialect = dialectOf(request);
      const encoding = dialect === otlpProtobuf ? "protobuf" : "json";
      const result = await store(intake, body, encoding, facts);
      if (result.kind !== "accepted") throw refusalOf(result);
      const { contentType } = dialect;
      const answer = dialect.accepted(rejectedField, result.rejected, result.message);
      return { status: 200, contentType, body: answer };
    },
  };
}

function accessLogsRoute(): Route {
  return {
    name: "access-logs",
    dialect: () => problemDetails,
    check: () => {},
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

function notYet(signal: string): Route {
  return {
    name: signal,
    dialect: dialectOf,
    check() {
      throw new Refusal(
        404,
        "signal",
        `Viascope does not take OpenTelemetry ${signal} yet; send traces.`,
      );
    },
    take: () => Promise.reject(new Error(`${signal} are never taken`)),
  };
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
