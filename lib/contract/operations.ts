import { z } from "zod";

import { storedKinds } from "#lib/core/stored-kind.ts";

/** Values per bucket; null where no process told anything. */
const points = z.array(z.tuple([z.number(), z.number().nullable()]));
export type OperationPoints = z.infer<typeof points>;

/** A process of this installation. */
const processItem = z.object({
  role: z.string(),
  host: z.string(),
  version: z.string(),
  startedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  /** Whether it tells of itself; one that does not was killed, or cannot reach the database. */
  alive: z.boolean(),
  memoryBytes: z.number().nullable(),
  /** What of its spool waits for the database, and how much may; null where it has none. */
  spool: z.object({ bytes: z.number(), bytesMax: z.number() }).nullable(),
});
export type ProcessItem = z.infer<typeof processItem>;

/** Who sends, as ingest last heard it. */
const senderItem = z.object({
  proxy: z.string(),
  instance: z.string().nullable(),
  /** Name of its token; null for VIASCOPE_INGEST_TOKEN and senders without one. */
  token: z.string().nullable(),
  address: z.string(),
  heardAt: z.iso.datetime(),
  /** How far its clock is ahead; negative is behind or held back, null not measured. */
  clockAheadMs: z.number().nullable(),
  /** `warn` above 1 s, `bad` above 5 s. */
  clock: z.enum(["unknown", "good", "warn", "bad"]),
});
export type SenderItem = z.infer<typeof senderItem>;

/** What takes room, of one day. */
const diskDay = z.object({
  day: z.iso.date(),
  parts: z.array(z.object({ kind: z.string(), bytes: z.number() })),
});

/** How long one kind of data is kept. */
const retentionItem = z.object({
  kind: z.string(),
  variable: z.string(),
  days: z.int(),
  bytes: z.number(),
});

/** Answer of `GET /api/v1/operations`. */
export const operationsAnswer = z.object({
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime(), stepSeconds: z.int() }),
  /** Records per second that were stored, by signal. */
  accepted: z.array(z.object({ signal: z.string(), points })),
  /** Records per second that were refused or dropped, by signal and reason. */
  refused: z.array(z.object({ signal: z.string(), reason: z.string(), total: z.number(), points })),
  /** Requests per second that were refused as a whole, by way in and reason. */
  requestsRefused: z.array(
    z.object({ route: z.string(), reason: z.string(), total: z.number(), points }),
  ),
  /** From the first byte of a request to its commit. */
  lagMsP50: points,
  lagMsP99: points,
  /** The most requests that waited for a writer. */
  queueDepth: points,
  /** The most bytes of requests that were in memory. */
  heldBytes: points,
  processes: z.array(processItem),
  /** Rows of the database that cannot be read, by kind: as many as the process that found most of them since its start. */
  unreadable: z.array(z.object({ kind: z.enum(storedKinds), rows: z.int().positive() })),
  senders: z.object({ items: z.array(senderItem), total: z.int() }),
  disk: z.object({
    measuredAt: z.iso.datetime(),
    databaseBytes: z.number(),
    /** Of the disk of the database; null where that is another machine's. */
    freeBytes: z.number().nullable(),
    days: z.array(diskDay),
    forecast: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("notEnoughHistory") }),
      z.object({ kind: z.literal("unknown") }),
      z.object({ kind: z.literal("holds"), bytesPerDay: z.number() }),
      z.object({ kind: z.literal("full"), days: z.number(), bytesPerDay: z.number() }),
    ]),
  }),
  retention: z.array(retentionItem),
  /** Small blocks that cannot be merged, and why the last of them could not. */
  blocksAside: z.object({ blocks: z.int(), reason: z.string().nullable() }),
});
export type OperationsAnswer = z.infer<typeof operationsAnswer>;
