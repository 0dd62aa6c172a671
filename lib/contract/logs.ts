import { z } from "zod";

import { logKinds } from "#lib/core/log-line.ts";
import { logSeverities } from "#lib/core/log-severity.ts";

import { unreadable } from "./unreadable.ts";

const logsLimitMax = 500;

/** Query of `GET /api/v1/logs`: the newest lines of the window first. */
export const logsParams = z.object({
  /** Only lines whose text or reason holds this, in any case. */
  query: z.string().max(200).optional(),
  proxy: z.string().optional(),
  instance: z.string().optional(),
  /** Only lines of this severity or a worse one. */
  severity: z.enum(logSeverities).optional(),
  /** Only lines that could not be read, or only those that are no requests. */
  kind: z.enum(logKinds).optional(),
  traceId: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/, "32 hex digits")
    .optional(),
  limit: z.coerce.number().int().min(1).max(logsLimitMax).default(100),
  /** `nextCursor` of the answer before. */
  cursor: z
    .string()
    .regex(/^\d{1,17}-\d{1,16}-\d{1,10}$/, "the nextCursor of an earlier answer")
    .optional(),
});
export type LogsParams = z.infer<typeof logsParams>;

/** A line of a log that is no exchange. */
export const logItem = z.object({
  /** Tells the line apart from every other. */
  id: z.string(),
  /** When it happened, or when it came where it does not say. */
  time: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  proxy: z.string(),
  instance: z.string().nullable(),
  /** `unread` could not be read as a request; `record` tells of none. */
  kind: z.enum(logKinds),
  severity: z.enum(logSeverities).nullable(),
  /** The severity as its sender wrote it. */
  severityText: z.string().nullable(),
  /** `otlp`, or the access-log format that it was read as. */
  format: z.string(),
  text: z.string(),
  /** Characters of the text that were cut. */
  textOmitted: z.int().nonnegative(),
  /** Why the line could not be read; null for one that was. */
  reason: z.string().nullable(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  attributes: z.record(z.string(), z.json()),
  /** Attributes that were left out. */
  attributesOmitted: z.int().nonnegative(),
});
export type LogItem = z.infer<typeof logItem>;

/** Answer of `GET /api/v1/logs`. */
export const logsAnswer = z.object({
  items: z.array(logItem),
  /** For the lines before these; null when there are none. */
  nextCursor: z.string().nullable(),
  /** How far back the lines were looked through; a search may end there before it has found `limit` lines. */
  scannedTo: z.iso.datetime(),
  /** Lines of the window and proxy that could not be read; at most 10,000 are counted. */
  unread: z.int().nonnegative(),
  unreadable,
});
export type LogsAnswer = z.infer<typeof logsAnswer>;
