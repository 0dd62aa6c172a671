import { freeBytes } from "#lib/core/free-bytes.ts";
import type { Scratch } from "#lib/core/scratch.ts";
import { Appends } from "#lib/db/appends.ts";
import type { Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { commitAppends } from "#lib/db/transaction.ts";
import type { TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import { Accumulator } from "#lib/rollup/accumulate.ts";
import { addOpen } from "#lib/rollup/append-open.ts";
import { BatchRows } from "#lib/store/batch-rows.ts";
import type { BlockIds } from "#lib/store/block-id.ts";
import { LogRows } from "#lib/store/log-rows.ts";
import { MetricRows } from "#lib/store/metric-rows.ts";
import { nameKinds, type NameKind, type Names } from "#lib/store/names.ts";
import { signalTables } from "#lib/store/signal-tables.ts";
import { addWaitingEnds } from "#lib/store/waiting.ts";

import { blocksOf, type BlockInMaking, startDays } from "./block-in-making.ts";
import type { CountedPrefixes } from "./counted-prefixes.ts";
import { logBlocksOf, type LogBlockInMaking, type NameLookup } from "./log-block-in-making.ts";
import type { NameIds } from "./name-ids.ts";
import type { Prepared } from "./prepared.ts";

/** Blocks of one commit that are compressed at the same time. */
export const compressedAtOnce = 3;

/** What a commit works with. */
export interface CommitContext {
  readonly db: Database;
  readonly names: Names;
  readonly nameIds: NameIds;
  readonly blockIds: BlockIds;
  readonly assembly: TraceAssembly;
  readonly prefixes: CountedPrefixes;
  /** Where payloads are put together. */
  readonly scratch: Scratch;
  readonly nowMs: () => number;
}

/** What else is done in the transaction. When one of it throws, nothing is committed. */
export interface CommitSteps {
  /** What is written before anything else. */
  readonly first: (to: Appends) => void;
  /** Just before COMMIT, with one of the transaction's blocks: whether this one is stored tells it of all of them. */
  readonly beforeCommit: (blockId: number) => void | Promise<void>;
}

/** Another commit that stores the same may hold us up for so long; one that stands still is ended by the server. */
const waits = { lockMs: 5_000, idleMs: 10_000 };

/**
 * Stores requests in one transaction: their blocks as received, their narrow rows, and their sums.
 * When it throws before it asked for the COMMIT, nothing of them is stored; after that, nobody knows.
 */
export async function commitGroup(
  context: CommitContext,
  requests: readonly Prepared[],
  steps: CommitSteps,
): Promise<void> {
  const nowMs = context.nowMs();
  const nextId = (): number => context.blockIds.next(nowMs);
  const blocks = blocksOf(requests, nextId, nowMs);
  const logBlocks = logBlocksOf(requests, nextId, nowMs);
  try {
    await store(context, { requests, blocks, logBlocks, nowMs }, steps);
  } catch (error) {
    for (const block of blocks.toReversed()) block.undoAssembly();
    throw error;
  }
}

/** What is stored in one transaction. */
interface Group {
  readonly requests: readonly Prepared[];
  readonly blocks: readonly BlockInMaking[];
  readonly logBlocks: readonly LogBlockInMaking[];
  readonly nowMs: number;
}

async function store(
  context: CommitContext,
  group: Group,
  { first, beforeCommit }: CommitSteps,
): Promise<void> {
  const { blocks, logBlocks, nowMs } = group;
  // Compression runs on other threads while the names are looked up.
  const [payloads, logPayloads] = await Promise.all([
    compressed(blocks, context.scratch),
    Promise.all(logBlocks.map((block) => block.compressed())),
    Promise.all(blocks.map((block) => block.resolveNames(context.nameIds))),
    ensureDays(context.db, group),
  ]);
  const rows = new BatchRows();
  const sums = new Accumulator();
  for (const [place, block] of blocks.entries()) {
    const prefixes = await context.prefixes.current(block.project, nowMs);
    block.assemble(context.assembly, nowMs);
    const payload = payloadAt(payloads, place);
    block.write(rows, sums, payload);
    freeBytes(payload);
    block.countModules(sums, prefixes);
  }
  const logRows = new LogRows();
  for (const [place, block] of logBlocks.entries()) {
    block.write(logRows, await lookup(context.names, block), payloadAt(logPayloads, place));
  }
  const metricRows = new MetricRows();
  for (const { project, points } of group.requests) {
    for (const point of points) metricRows.add(project, point);
  }
  // Again on other threads, and before a transaction holds a connection.
  const packed = await rows.packed();
  const open = sums.rows().map(({ project, sums: sum }) => ({ ...sum, project }));
  const appends = new Appends();
  first(appends);
  packed.addTo(appends);
  logRows.addTo(appends);
  metricRows.addTo(appends);
  addOpen(appends, 10, open);
  for (const block of blocks) addWaitingEnds(appends, block.project, block.resolved());
  await commitAppends(context.db, appends, waits, () =>
    beforeCommit(blocks[0]?.id ?? logBlocks[0]?.id ?? 0),
  );
}

/** A few at a time: each is put together before, and more of them would only wait for threads. */
async function compressed(
  blocks: readonly BlockInMaking[],
  scratch: Scratch,
): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  const waiting = blocks.entries();
  const compressNext = async (): Promise<void> => {
    for (const [place, block] of waiting) payloads[place] = await block.compressed(scratch);
  };
  await Promise.all(Array.from({ length: compressedAtOnce }, compressNext));
  return payloads;
}

function payloadAt(payloads: readonly Uint8Array[], place: number): Uint8Array {
  const payload = payloads[place];
  if (payload === undefined) throw new Error("A block has no compressed payload.");
  return payload;
}

async function lookup(
  names: Names,
  block: Pick<LogBlockInMaking, "project" | "wantedNames">,
): Promise<NameLookup> {
  const wanted = block.wantedNames();
  const found = new Map<NameKind, ReadonlyMap<string, number>>();
  for (const kind of nameKinds) {
    found.set(kind, await names.resolve(block.project, kind, wanted[kind] ?? []));
  }
  return (kind, name) => (name === null ? 0 : (found.get(kind)?.get(name) ?? 0));
}

async function ensureDays(
  db: Database,
  { requests, blocks, logBlocks, nowMs }: Group,
): Promise<void> {
  if (blocks.length > 0) await ensurePartitions(db, "trace_batch", [nowMs]);
  for (const block of blocks) {
    const tables = signalTables[block.signal];
    await ensurePartitions(db, tables.block, [nowMs]);
    if (tables.segment !== null) await ensurePartitions(db, tables.segment, block.days());
  }
  const timesUs = requests.flatMap(({ points }) => points.map(({ atUs }) => atUs));
  await ensurePartitions(db, "metric_point", startDays(timesUs));
  if (logBlocks.length === 0) return;
  await ensurePartitions(db, "log_block", [nowMs]);
  await ensurePartitions(db, "log_line", new Set(logBlocks.flatMap((block) => block.days())));
}
