import { freeBytes } from "#lib/core/free-bytes.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { Scratch } from "#lib/core/scratch.ts";
import { errorCode } from "#lib/db/error-code.ts";
import { reach, type Database } from "#lib/db/open.ts";
import { TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import type { Intake } from "#lib/receive/intake.ts";
import { SeriesNumbers } from "#lib/store/metric-series.ts";
import { Names } from "#lib/store/names.ts";
import { storedBlocks } from "#lib/store/stored-blocks.ts";
import { log } from "#lib/telemetry/log.ts";
import type { Metrics } from "#lib/telemetry/metrics.ts";
import { inSpan } from "#lib/telemetry/trace.ts";

import { AnswerReport } from "./ingest/answer-report.ts";
import { blockBytesMax } from "./ingest/block-in-making.ts";
import { compressedAtOnce } from "./ingest/commit-group.ts";
import { commitOnce, type OnceContext } from "./ingest/commit-once.ts";
import { CommitQueue, type CommitQueueOptions } from "./ingest/commit-queue.ts";
import { CountedPrefixes } from "./ingest/counted-prefixes.ts";
import { type IngestCounters, ingestCounters } from "./ingest/counters.ts";
import { Doubts } from "./ingest/doubts.ts";
import { FirstContact } from "./ingest/first-contact.ts";
import { IngestIntake, type SignalKeptMs } from "./ingest/intake.ts";
import { NameIds } from "./ingest/name-ids.ts";
import { OpenAnswers } from "./ingest/open-answers.ts";
import type { Prepared } from "./ingest/prepared.ts";
import type { Senders } from "./ingest/senders.ts";
import type { Store } from "./ingest/spool/replay.ts";
import type { Spool } from "./ingest/spool/spool.ts";
import { StoredBodies } from "./ingest/stored-bodies.ts";

/** Two writers: while one commits, the other gathers and encodes (design §3.1). */
const writers = 2;
const groupBytesMax = 8 * 1024 * 1024;
/** How long a group waits for a database that is away; exporters give up after 10 s. */
const retryMsMax = 4_000;
const assemblyLimits = { keepMs: 30_000, spansMax: 262_144 };
/** Answers to requests spooled in these last seconds before a crash may never have been given. */
const crashSeconds = 15;

export interface IngestOptions {
  readonly project: number;
  readonly metrics: Metrics;
  readonly senders?: Senders;
  /** Takes requests while the database is away; it may be away at the start then. */
  readonly spool?: Spool | null;
  readonly nowMs?: () => number;
  /** How far back records are taken. */
  readonly keptMs?: SignalKeptMs;
  /** Most series of metrics that a project may have. */
  readonly seriesMax?: number;
}

export interface Ingest {
  readonly intake: Intake;
  /** Resolves when everything that was taken is committed or refused. */
  drained(): Promise<void>;
}

/** The way of telemetry from a request's body to its durable commit. */
export async function openIngest(db: Database, options: IngestOptions): Promise<Ingest> {
  const { project, metrics, senders, spool = null, nowMs = Date.now, seriesMax = 20_000 } = options;
  const counters = ingestCounters(metrics);
  const contact = new FirstContact(db);
  const assembly = new TraceAssembly(assemblyLimits);
  const names = new Names(db, (kind, count) => counters.namesOverflowed(kind, count));
  const bodies = await storedBodies(contact, spool, nowMs);
  const doubts = new Doubts((blockIds) => storedBlocks(db, blockIds));
  const answers = new OpenAnswers();
  const report = new AnswerReport(db, answers, lostAnswers(bodies, doubts), nowMs);
  const prefixes = new CountedPrefixes(db);
  const onResent = (requests: number): void => counters.resent(requests);
  const nameIds = new NameIds(names);
  const scratch = new Scratch(blockBytesMax, writers * compressedAtOnce);
  const parts = { db, names, nameIds, assembly, prefixes, scratch, bodies, onResent, nowMs };
  const context = async (): Promise<OnceContext> => {
    const known = await contact.made();
    const atMs = nowMs();
    report.stored(known.process, atMs);
    return { ...parts, ...known, atMs };
  };
  const queue = new CommitQueue({
    writers,
    groupBytesMax,
    retryMsMax: spool === null ? retryMsMax : 0,
    isDataError,
    commit: (requests) =>
      inSpan("ingest.commit", { "viascope.requests": requests.length }, async () => {
        const begun = performance.now();
        await commitUnstored(await context(), doubts, spool, requests);
        counters.committed((performance.now() - begun) / 1000, requests.length);
        counters.lagged(requests.map(({ receivedMs }) => (nowMs() - receivedMs) / 1000));
        free(requests, spool);
      }),
    onUnavailable: (requests) => doubts.abandon(requests),
    onFailure: failureReport(counters),
  });
  observe(metrics, queue, assembly);
  spool?.begin(replayStore(context));
  const intake = new IngestIntake({
    project,
    queue: { add: (request) => spool?.add(queue, doubts, request) ?? queue.add(request) },
    bodies,
    answers,
    counters,
    senders,
    nowMs,
    keptMs: options.keptMs ?? keptMsDefault,
    series: new SeriesNumbers(db, seriesMax),
  });
  return {
    intake,
    async drained() {
      await queue.drained();
      await spool?.close();
      await report.stop();
    },
  };
}

function failureReport(counters: IngestCounters): CommitQueueOptions["onFailure"] {
  return (error, requests) => {
    counters.commitFailed(requests);
    log.warn({ err: error, requests }, "a commit failed");
  };
}

const keptMsDefault: SignalKeptMs = {
  traces: keepMsDefault[60],
  accessLogs: keepMsDefault[60],
  logs: keepMsDefault[60],
  metrics: keepMsDefault[60],
};

/** What other processes must know of answers that did not arrive. */
function lostAnswers(bodies: StoredBodies, doubts: Doubts) {
  return {
    newest: (most: number) => [...bodies.newest(most), ...doubts.abandoned(most)],
    changes: () => bodies.changes + doubts.changes,
  };
}

/** Recognizes what was spooled just before an earlier process was killed; what was stored, the database recognizes. */
async function storedBodies(
  contact: FirstContact,
  spool: Spool | null,
  nowMs: () => number,
): Promise<StoredBodies> {
  if (spool === null) {
    await contact.made();
    return new StoredBodies([], nowMs());
  }
  if ((await contact.made().catch(() => null)) === null) spool.wentAway();
  return new StoredBodies(await spool.newestDigests(crashSeconds), nowMs());
}

/** Commits those of the requests that an earlier try, whose answer was lost, has not stored. */
async function commitUnstored(
  context: OnceContext,
  doubts: Doubts,
  spool: Spool | null,
  requests: readonly Prepared[],
): Promise<void> {
  const stored = await doubts.stored(requests);
  const open = requests.filter(
    (request) => !stored.has(request) && spool?.hasTaken([request]) !== true,
  );
  if (open.length === 0) return;
  const committed = await commitOnce(context, open, {
    atMs: () => context.atMs,
    beforeCommit(blockId, members) {
      if (spool?.hasTaken(members) === true) throw new Error("a request was spooled meanwhile");
      doubts.begun(members, blockId);
    },
  });
  doubts.ended(committed);
}

/** Gives back the memory of requests that are stored; what the spool has taken meanwhile, it is still writing. */
function free(requests: readonly Prepared[], spool: Spool | null): void {
  for (const request of requests) {
    if (spool?.hasTaken([request]) === true) continue;
    freeBytes(request.payload);
    request.rows.free();
  }
}

/** The database as the replay of a spool sees it. */
function replayStore(context: () => Promise<OnceContext>): Store {
  return {
    check: async () => reach((await context()).db),
    async commit(requests, beforeCommit) {
      await commitOnce(await context(), requests, { atMs: receivedMsOf, beforeCommit });
    },
    stored: async (blocks) => storedBlocks((await context()).db, blocks),
    isDataError,
  };
}

/** When a request of a spool was stored, for others: its answer is long given, unless it is known to be lost. */
function receivedMsOf({ receivedMs }: Prepared): number {
  return receivedMs;
}

function observe(metrics: Metrics, queue: CommitQueue, assembly: TraceAssembly): void {
  metrics.observe(
    "viascope_ingest_queue_depth",
    "Requests that wait for a writer.",
    () => queue.depth,
  );
  metrics.observe(
    "viascope_ingest_spans_held",
    "Spans held to join those of a trace that arrive apart.",
    () => assembly.size,
  );
}

/** Errors that the data causes, so that trying again would fail again: SQLSTATE classes 22 and 23. */
function isDataError(error: unknown): boolean {
  return (
    /^2[23]/.test(errorCode(error)) || error instanceof RangeError || error instanceof TypeError
  );
}
