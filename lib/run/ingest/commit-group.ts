import type { Database } from "#lib/db/open.ts";
import { ensurePartitions, type PartitionedTable } from "#lib/db/partitions.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import { Accumulator } from "#lib/rollup/accumulate.ts";
import { appendOpen } from "#lib/rollup/append-open.ts";
import { BatchRows } from "#lib/store/batch-rows.ts";
import type { BlockIds } from "#lib/store/block-id.ts";
import { nameKinds, type NameKind, type Names } from "#lib/store/names.ts";
import { deleteWaiting } from "#lib/store/waiting.ts";

import { blocksOf, type BlockInMaking, type NameLookup } from "./block-in-making.ts";
import type { CountedPrefixes } from "./counted-prefixes.ts";
import type { Prepared } from "./prepared.ts";

/** What a commit works with. */
export interface CommitContext {
  readonly db: Database;
  readonly names: Names;
  readonly blockIds: BlockIds;
  readonly assembly: TraceAssembly;
  readonly prefixes: CountedPrefixes;
  readonly nowMs: () => number;
}

/**
 * Told just before COMMIT, with one of the transaction's blocks: whether this one is stored tells it of all of them.
 * When it throws, nothing is committed.
 */
export type BeforeCommit = (blockId: number) => void | Promise<void>;

/**
 * Stores requests in one transaction: their blocks as received, their narrow rows, and their sums.
 * When it throws before it asked for the COMMIT, nothing of them is stored; after that, nobody knows.
 */
export async function commitGroup(
  context: CommitContext,
  requests: readonly Prepared[],
  beforeCommit: BeforeCommit,
): Promise<void> {
  const nowMs = context.nowMs();
  const blocks = blocksOf(requests, () => context.blockIds.next(nowMs), nowMs);
  for (const block of blocks) block.assemble(context.assembly, nowMs);
  try {
    await store(context, blocks, nowMs, beforeCommit);
  } catch (error) {
    for (const block of blocks.toReversed()) block.undoAssembly();
    throw error;
  }
}

async function store(
  context: CommitContext,
  blocks: readonly BlockInMaking[],
  nowMs: number,
  beforeCommit: BeforeCommit,
): Promise<void> {
  // Compression runs on other threads while the names are looked up.
  const [payloads] = await Promise.all([
    Promise.all(blocks.map((block) => block.compressed())),
    ensureDays(context.db, blocks, nowMs),
  ]);
  const rows = new BatchRows();
  const sums = new Accumulator();
  for (const [place, block] of blocks.entries()) {
    const payload = payloads[place];
    if (payload === undefined) throw new Error("A block has no compressed payload.");
    const idOf = await lookup(context.names, block);
    block.write(rows, sums, idOf, payload);
    block.countModules(sums, idOf, await context.prefixes.current(block.project, nowMs));
  }
  const open = sums.rows().map(({ project, sums: sum }) => ({ ...sum, project }));
  await inTransaction(context.db, async (client) => {
    await rows.append(client);
    await appendOpen(client, 10, open);
    for (const block of blocks) await deleteWaiting(client, block.project, block.resolved());
    await beforeCommit(blocks[0]?.id ?? 0);
  });
}

async function lookup(names: Names, block: BlockInMaking): Promise<NameLookup> {
  const wanted = block.wantedNames();
  const found = new Map<NameKind, ReadonlyMap<string, number>>();
  for (const kind of nameKinds) {
    found.set(kind, await names.resolve(block.project, kind, wanted[kind]));
  }
  return (kind, name) => (name === null ? 0 : (found.get(kind)?.get(name) ?? 0));
}

async function ensureDays(
  db: Database,
  blocks: readonly BlockInMaking[],
  nowMs: number,
): Promise<void> {
  await ensurePartitions(db, "block", [nowMs]);
  const days = new Set(blocks.flatMap((block) => block.days()));
  const byStart: PartitionedTable[] = ["exchange", "attempt", "trace_block"];
  for (const table of byStart) await ensurePartitions(db, table, days);
}
