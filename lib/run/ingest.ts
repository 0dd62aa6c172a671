import { keepMsDefault } from "#lib/core/keep.ts";
import { errorCode } from "#lib/db/error-code.ts";
import type { Database } from "#lib/db/open.ts";
import { TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import type { Intake } from "#lib/receive/intake.ts";
import { BlockIds } from "#lib/store/block-id.ts";
import { newestDigests, nextProcessNumber } from "#lib/store/digests.ts";
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
import { IngestIntake } from "./ingest/intake.ts";
import type { Prepared } from "./ingest/prepared.ts";
import type { Senders } from "./ingest/senders.ts";
import { StoredBodies } from "./ingest/stored-bodies.ts";

/** Two writers: while one commits, the other gathers and encodes (design §3.1). */
const writers = 2;
const groupBytesMax = 8 * 1024 * 1024;
/** How long a group waits for a database that is away; exporters give up after 10 s. */
const retryMsMax = 4_000;
const assemblyLimits = { keepMs: 30_000, tracesMax: 50_000 };
/** Answers to requests committed in these last seconds before a crash may never have been given. */
const crashSeconds = 15;

export interface IngestOptions {
  readonly project: number;
  readonly metrics: Metrics;
  readonly senders?: Senders;
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
  const nowMs = options.nowMs ?? Date.now;
  const counters = ingestCounters(options.metrics);
  const context: CommitContext = {
    db,
    names: new Names(db, (kind, names) => counters.namesOverflowed(kind, names)),
    blockIds: new BlockIds(await nextProcessNumber(db)),
    assembly: new TraceAssembly(assemblyLimits),
    prefixes: new CountedPrefixes(db),
    nowMs,
  };
  const doubts = new Doubts((blockIds) => storedBlocks(db, blockIds));
  const queue = new CommitQueue({
    writers,
    groupBytesMax,
    retryMsMax,
    isDataError,
    commit: (requests) =>
      inSpan("ingest.commit", { "viascope.requests": requests.length }, async () => {
        const begun = performance.now();
        await commitUnstored(context, doubts, requests);
        counters.committed((performance.now() - begun) / 1000, requests.length);
        counters.lagged(requests.map(({ receivedMs }) => (nowMs() - receivedMs) / 1000));
      }),
    onUnavailable: (requests) => doubts.abandon(requests),
    onFailure(error, requests) {
      counters.commitFailed(requests);
      log.warn({ err: error, requests }, "a commit failed");
    },
  });
  observe(options.metrics, queue, context);
  const bodies = new StoredBodies(await newestDigests(db, crashSeconds), nowMs());
  const {
    project,
    senders,
    retentionMs = keepMsDefault[60],
    logRetentionMs = retentionMs,
  } = options;
  const { metricRetentionMs = retentionMs, seriesMax = 20_000 } = options;
  const intake = new IngestIntake({
    project,
    queue,
    bodies,
    counters,
    senders,
    nowMs,
    retentionMs,
    logRetentionMs,
    metricRetentionMs,
    series: new SeriesNumbers(db, seriesMax),
  });
  return { intake, drained: () => queue.drained() };
}

/** Commits those of the requests that an earlier try, whose answer was lost, has not stored. */
async function commitUnstored(
  context: CommitContext,
  doubts: Doubts,
  requests: readonly Prepared[],
): Promise<void> {
  const stored = await doubts.stored(requests);
  const open = requests.filter((request) => !stored.has(request));
  if (open.length === 0) return;
  await commitGroup(context, open, (blockId) => doubts.begun(open, blockId));
  doubts.ended(open);
}

function observe(metrics: Metrics, queue: CommitQueue, context: CommitContext): void {
  metrics.observe(
    "viascope_ingest_queue_depth",
    "Requests that wait for a writer.",
    () => queue.depth,
  );
  metrics.observe(
    "viascope_ingest_traces_held",
    "Traces held to join spans that arrive apart.",
    () => context.assembly.size,
  );
}

/** Errors that the data causes, so that trying again would fail again: SQLSTATE classes 22 and 23. */
function isDataError(error: unknown): boolean {
  return (
    /^2[23]/.test(errorCode(error)) || error instanceof RangeError || error instanceof TypeError
  );
}
