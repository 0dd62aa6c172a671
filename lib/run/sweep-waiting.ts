import { signed } from "#lib/core/signed-bits.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { wholeExchanges, type WholeExchange } from "#lib/normalize/whole-exchanges.ts";
import { eachBlock } from "#lib/query/blocks.ts";
import { queryTraceBlocks, queryTraceHits } from "#lib/query/trace-blocks.ts";
import { Accumulator } from "#lib/rollup/accumulate.ts";
import { appendOpen } from "#lib/rollup/append-open.ts";
import { firstBlockIdAt } from "#lib/store/block-id.ts";
import { Names } from "#lib/store/names.ts";
import {
  deleteWaiting,
  forgetWaiting,
  waitingTraces,
  type WaitingKey,
  type WaitingTrace,
} from "#lib/store/waiting.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { readBlock } from "./exchanges/read-block.ts";

/** Longer than ingest itself holds a trace, so that no attempt is joined by both. */
const waitedMsMin = 60_000;
const waitedMsMax = 900_000;
/** Traces looked for in one sweep; of more that wait, each sweep takes others. */
const tracesMax = 1_000;

/** What one sweep did. */
export interface SweepResult {
  /** Attempts joined to their exchange. */
  readonly joined: number;
  /** Attempts forgotten, as no exchange came. */
  readonly forgotten: number;
}

/**
 * Joins attempts whose SERVER span came long after them, or to another ingest process: reads the whole trace
 * from its blocks again and counts what its retries and fallbacks are now beyond what was counted before.
 */
export async function sweepWaiting(db: Database, nowMs: number): Promise<SweepResult> {
  const names = new Names(db, () => undefined);
  let joined = 0;
  for (const trace of await tracesWithExchange(db, nowMs)) {
    joined += await sweepTrace(db, names, trace);
  }
  return { joined, forgotten: await forgetWaiting(db, nowMs - waitedMsMax) };
}

interface FoundTrace extends WaitingTrace {
  readonly blockIds: readonly number[];
}

/** Traces whose attempts still wait though an exchange of them is stored, that came at most 15 minutes before them. */
async function tracesWithExchange(db: Database, nowMs: number): Promise<FoundTrace[]> {
  const waiting = await waitingTraces(db, nowMs - waitedMsMin, tracesMax);
  const found: FoundTrace[] = [];
  for (const [project, traces] of Map.groupBy(waiting, (trace) => trace.project)) {
    const hashes = traces.map(({ traceHash }) => traceHash);
    const firstMs = traces.reduce((first, trace) => Math.min(first, trace.receivedMs), nowMs);
    const fromBlockId = firstBlockIdAt(firstMs - waitedMsMax);
    const hits = await queryTraceHits(db, { project, hashes, fromBlockId });
    const answered = traces.filter(({ traceHash }) =>
      hits.get(traceHash)?.some(({ hasExchange }) => hasExchange),
    );
    // All of the trace: what was counted of it depends on its older attempts, too.
    const wanted = answered.map(({ traceHash }) => traceHash);
    const blocks = await queryTraceBlocks(db, project, wanted);
    for (const trace of answered) {
      found.push({ ...trace, blockIds: blocks.get(trace.traceHash) ?? [] });
    }
  }
  return found;
}

async function sweepTrace(db: Database, names: Names, trace: FoundTrace): Promise<number> {
  const spans = await spansOf(db, trace);
  const waiting = new Set(trace.spanHashes);
  const whole = wholeExchanges(spans);
  const counted = wholeExchanges(spans.filter((span) => !waiting.has(hashOf(span))));
  const joinedSpans = whole
    .flatMap(({ clients }) => clients)
    .filter((span) => waiting.has(hashOf(span)));
  if (joinedSpans.length === 0) return 0;
  const sums = new Accumulator();
  await addRelations(sums, names, trace.project, whole, 1);
  await addRelations(sums, names, trace.project, counted, -1);
  const keys = joinedSpans.map(keyOf);
  return inTransaction(db, async (client) => {
    const deleted = await deleteWaiting(client, trace.project, keys);
    // Another worker was faster: what it took, it has counted.
    if (deleted !== keys.length) throw new Error("Attempts were joined by two sweeps at once.");
    const open = sums.rows().map(({ project, sums: sum }) => ({ ...sum, project }));
    await appendOpen(client, 10, open);
    return deleted;
  });
}

async function spansOf(db: Database, trace: FoundTrace): Promise<SpanRecord[]> {
  const spans = new Map<string, SpanRecord>();
  const leftOut = new LeftOut();
  for await (const block of eachBlock(db, trace.project, trace.blockIds, leftOut)) {
    if (block.signal !== "traces") continue;
    for (const span of readBlock(block, leftOut, ({ payload }) => decodeTraces(payload).spans)) {
      const hash = signed({ high: span.traceHigh, low: span.traceLow });
      if (hash === trace.traceHash) spans.set(hashOf(span), span);
    }
  }
  return [...spans.values()];
}

async function addRelations(
  sums: Accumulator,
  names: Names,
  project: number,
  exchanges: readonly WholeExchange[],
  count: 1 | -1,
): Promise<void> {
  for (const { exchange, relations } of exchanges) {
    const proxyIds = await names.resolve(project, "proxy", [exchange.proxy]);
    for (const relation of relations) {
      const upstreamIds = await names.resolve(project, "upstream", [relation.from, relation.to]);
      sums.addRelation(project, "spans", proxyIds.get(exchange.proxy) ?? 0, {
        kind: relation.kind,
        cause: relation.cause,
        atUs: relation.atUs,
        fromId: upstreamIds.get(relation.from) ?? 0,
        toId: upstreamIds.get(relation.to) ?? 0,
        count,
      });
    }
  }
}

function keyOf(span: SpanRecord): WaitingKey {
  return {
    traceHash: { high: span.traceHigh, low: span.traceLow },
    spanHash: { high: span.spanHigh, low: span.spanLow },
  };
}

function hashOf(span: SpanRecord): string {
  return signed({ high: span.spanHigh, low: span.spanLow });
}
