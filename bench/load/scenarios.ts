import { gzipSync } from "node:zlib";

import { sendOverGrpc } from "./grpc-sender.ts";
import { sendOverHttp } from "./http-sender.ts";
import { LineBodies } from "./lines.ts";
import { LokiPushes } from "./loki.ts";
import { otlpRequests, type TraceShape } from "./otlp.ts";
import type { Random } from "./random.ts";
import type { Bodies, Sending, SendingResult } from "./sending.ts";
import { sendOverSyslog } from "./syslog-sender.ts";
import { SyslogMessages } from "./syslog.ts";

/** What an operator's pages count. */
export interface StoredCounts {
  readonly exchanges: number;
  readonly attempts: number;
}

/** A way of sending telemetry, and what it is. */
export interface Scenario {
  /** The setting that names the port. */
  readonly port: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly send: (sending: Sending) => Promise<SendingResult>;
  readonly recordsPerRequest: number;
  readonly connections: number;
  /** Calls of one connection at once. */
  readonly streams: number;
  readonly bodies: (random: Random) => () => Bodies;
  /** How many records were stored, by what the pages count. */
  readonly storedRecords: (counts: StoredCounts) => number;
  /** False where nobody is told what was taken: the run then lasts until all is stored. */
  readonly isAcknowledged: boolean;
}

const http = {
  port: "VIASCOPE_OTLP_HTTP_PORT",
  send: sendOverHttp,
  connections: 32,
  streams: 1,
  isAcknowledged: true,
} as const;
const protobuf = { "content-type": "application/x-protobuf" };

/** What `--scenario` may name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  "otlp-512": otlp("pair", 512),
  /** Traces of six spans with retries and fallbacks. */
  "otlp-512-chains": {
    ...otlp("chain", 512),
    // Two of six spans are the proxy's own work.
    storedRecords: ({ exchanges, attempts }) => ((exchanges + attempts) * 6) / 4,
  },
  "otlp-512-gzip": {
    ...otlp("pair", 512),
    headers: { ...protobuf, "content-encoding": "gzip" },
    bodies: (random) => {
      const plain = otlpRequests("pair", 512, random);
      return () => gzipped(plain());
    },
  },
  "otlp-grpc-512": {
    ...otlp("pair", 512),
    port: "VIASCOPE_OTLP_GRPC_PORT",
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    headers: {},
    send: sendOverGrpc,
    connections: 4,
    streams: 8,
  },
  /** As Envoy sends: whenever five spans have ended, wherever their traces are. */
  "otlp-5": otlp("ended", 5),
  "nginx-text": lines("text", "text/plain"),
  "nginx-json": lines("json", "application/x-ndjson"),
  loki: {
    ...lines("text", "application/x-protobuf"),
    path: "/loki/api/v1/push",
    bodies: (random) => () => new LokiPushes(1000, random),
  },
  "syslog-tcp": {
    ...lines("text", ""),
    port: "VIASCOPE_SYSLOG_PORT",
    send: sendOverSyslog,
    connections: 8,
    recordsPerRequest: 100,
    bodies: (random) => () => new SyslogMessages(100, random),
    isAcknowledged: false,
  },
};

function otlp(shape: TraceShape, spans: number): Scenario {
  return {
    ...http,
    path: "/v1/traces",
    headers: protobuf,
    recordsPerRequest: spans,
    bodies: (random) => otlpRequests(shape, spans, random),
    storedRecords: ({ exchanges, attempts }) => exchanges + attempts,
  };
}

function lines(format: "text" | "json", contentType: string): Scenario {
  return {
    ...http,
    path: "/ingest/access-logs?format=nginx&proxy=edge",
    headers: { "content-type": contentType },
    recordsPerRequest: 1000,
    bodies: (random) => () => new LineBodies(format, 1000, random),
    storedRecords: ({ exchanges }) => exchanges,
  };
}

function gzipped(plain: Bodies): Bodies {
  return { next: (nowMs) => gzipSync(plain.next(nowMs), { level: 1 }) };
}
