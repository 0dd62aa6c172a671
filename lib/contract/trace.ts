import { z } from "zod";

import { attemptItem, exchangeItem } from "./exchanges.ts";
import { unreadable } from "./unreadable.ts";

/** An attribute value as JSON; bytes are base64, 64-bit integers beyond 2^53 are strings. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue };

const attributes = z.record(z.string(), z.json());

export const spanKinds = [
  "unspecified",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
] as const;
export const spanStatuses = ["unset", "ok", "error"] as const;

/** One span as it was received. Times are epoch nanoseconds as decimal strings, as OTLP/JSON writes them. */
export const traceSpan = z.object({
  spanId: z.string(),
  parentSpanId: z.string().nullable(),
  name: z.string(),
  kind: z.enum(spanKinds),
  service: z.string(),
  scope: z.string(),
  startNs: z.string(),
  endNs: z.string(),
  status: z.enum(spanStatuses),
  statusMessage: z.string(),
  attributes,
  resource: attributes,
  events: z.array(z.object({ timeNs: z.string(), name: z.string(), attributes })),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes })),
});
export type TraceSpan = z.infer<typeof traceSpan>;

const hopTime = {
  startNs: z.string(),
  /** Null where the log does not say how long it took. */
  endNs: z.string().nullable(),
};

/** An exchange that an access log tells of, in a trace that its record names. Its attempts follow each other from its start. */
export const traceHop = exchangeItem.extend({
  ...hopTime,
  attempts: z.array(attemptItem.extend(hopTime)),
  /** The SERVER span of the trace that tells of the same exchange; null where none does. */
  spanId: z.string().nullable(),
});
export type TraceHop = z.infer<typeof traceHop>;

/** Answer of `GET /api/v1/traces/{traceId}`: its spans and its logged hops by start time; resent spans are given once. */
export const traceAnswer = z.object({
  traceId: z.string(),
  spans: z.array(traceSpan),
  /** How many spans were left out because a trace may show at most 10,000. */
  omitted: z.int().nonnegative(),
  hops: z.array(traceHop),
  /** Whether there may be more hops: at most 1,000 are given, and at most 2 s are spent on reading logs. */
  hopsCut: z.boolean(),
  /** Attempts that SERVER spans tell of without spans of their own, in their order. */
  told: z.array(z.object({ spanId: z.string(), attempts: z.array(attemptItem) })),
  unreadable,
});
export type TraceAnswer = z.infer<typeof traceAnswer>;
