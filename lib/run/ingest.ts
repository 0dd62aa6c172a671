import { keepMsDefault } from "#lib/core/keep.ts";
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

import { commitGroup, type CommitContext } from "./ingest/commit-group.ts";
import { CommitQueue } from "./ingest/commit-queue.ts";
import { CountedPrefixes } from "./ingest/counted-prefixes.ts";
import { ingestCounters } from "./ingest/counters.ts";
import { Doubts } from "./ingest/doubts.ts";
import { FirstContact } from "./ingest/first-contact.ts";
import { IngestIntake } from "./ingest/intake.ts";
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
/** Answers to requests committed in these last seconds before a crash may never have been given. */
const crashSeconds = 15;

export interface IngestOptions {
  readonly project: number;
  readonly metrics: Metrics;
  readonly senders?: Senders;
  /** Takes requests while the database is away; it may be away at the start then. */
  readonly spool?: Spool | null;
  readonly nowMs?: () => number;
  /** How far back records are taken, in milliseconds. */
  readonly retentionMs?: number;
  /** The same for log lines. */
  readonly logRetentionMs?: number;
  /** The same for metrics. */
  readonly metricRetentionMs?: number;
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
  const contact = new FirstContact(db, crashSeconds, nowMs);
  const assembly = new TraceAssembly(assemblyLimits);
  const names = new Names(db, (kind, count) => counters.namesOverflowed(kind, count));
  const parts = { db, names, assembly, prefixes: new CountedPrefixes(db), nowMs };
  const context = async (): Promise<CommitContext> => {
    const { blockIds } = await contact.made();
    return { ...parts, blockIds };
  };
  const doubts = new Doubts((blockIds) => storedBlocks(db, blockIds));
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
      }),
    onUnavailable: (requests) => doubts.abandon(requests),
    onFailure(error, requests) {
      counters.commitFailed(requests);
      log.warn({ err: error, requests }, "a commit failed");
    },
  });
  observe(metrics, queue, assembly);
  const bodies = await storedBodies(contact, spool, nowMs);
  spool?.begin(replayStore(context, contact, bodies));
  const intake = new IngestIntake({
    project,
    queue: { add: (request) => spool?.add(queue, doubts, request) ?? queue.add(request) },
    bodies,
    counters,
    senders,
    nowMs,
    ...retentionOf(options),
    series: new SeriesNumbers(db, seriesMax),
  });
  return {
    intake,
    async drained() {
      await queue.drained();
      await spool?.close();
    },
  };
}

function retentionOf(options: IngestOptions) {
  const { retentionMs = keepMsDefault[60] } = options;
  const { logRetentionMs = retentionMs, metricRetentionMs = retentionMs } = options;
  return { retentionMs, logRetentionMs, metricRetentionMs };
}

/** Recognizes what was stored or spooled just before an earlier process was killed. */
async function storedBodies(
  contact: FirstContact,
  spool: Spool | null,
  nowMs: () => number,
): Promise<StoredBodies> {
  if (spool === null) return new StoredBodies((await contact.made()).digests, nowMs());
  const known = await contact.made().catch(() => null);
  if (known === null) spool.wentAway();
  const spooled = await spool.newestDigests(crashSeconds);
  return new StoredBodies([...(known?.digests ?? []), ...spooled], nowMs());
}

/** Commits those of the requests that an earlier try, whose answer was lost, has not stored. */
async function commitUnstored(
  context: CommitContext,
  doubts: Doubts,
  spool: Spool | null,
  requests: readonly Prepared[],
): Promise<void> {
  const stored = await doubts.stored(requests);
  const open = requests.filter(
    (request) => !stored.has(request) && spool?.hasTaken([request]) !== true,
  );
  if (open.length === 0) return;
  await commitGroup(context, open, (blockId) => {
    if (spool?.hasTaken(open) === true) throw new Error("a request was spooled meanwhile");
    doubts.begun(open, blockId);
  });
  doubts.ended(open);
}

/** The database as the replay of a spool sees it. */
function replayStore(
  context: () => Promise<CommitContext>,
  contact: FirstContact,
  bodies: StoredBodies,
): Store {
  return {
    async check() {
      const { db, nowMs } = await context();
      await reach(db);
      for (const digest of contact.lateDigests()) bodies.answerLost(digest, nowMs());
    },
    async commit(requests, beforeCommit) {
      const now = await context();
      const oldMs = now.nowMs() - crashSeconds * 1_000;
      const answered = requests.map((request) =>
        // Its answer is long given: an equal body after a restart is another one.
        request.receivedMs < oldMs ? { ...request, digest: "" } : request,
      );
      await commitGroup(now, answered, beforeCommit);
    },
    stored: async (blocks) => storedBlocks((await context()).db, blocks),
    isDataError,
    withoutResent: (requests) => requests.filter((request) => !contact.isResent(request)),
  };
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
