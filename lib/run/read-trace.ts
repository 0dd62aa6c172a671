import type { TraceAnswer } from "#lib/contract/trace.ts";
import type { Database } from "#lib/db/open.ts";
import { spansOfTrace, type DetailSpan } from "#lib/decode/otlp-detail.ts";
import { partsHolding } from "#lib/decode/otlp-parts.ts";
import { eachBlock, type Block } from "#lib/query/blocks.ts";
import { queryTraceBlocks } from "#lib/query/trace-blocks.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { readBlock } from "./exchanges/read-block.ts";
import { ToldAttempts } from "./told-attempts-of-trace.ts";
import { hashOfTraceId } from "./trace-hash.ts";
import { TraceHops } from "./trace-hops.ts";

/** Spans shown of one trace; the earliest are kept. */
const spansMax = 10_000;

/** A trace by its id (32 hex digits), from the blocks that hold its spans or log records that name it; null when none is stored. */
export async function readTrace(
  db: Database,
  question: { readonly project: number; readonly traceId: string },
): Promise<TraceAnswer | null> {
  const traceId = question.traceId.toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(traceId)) return null;
  const hash = hashOfTraceId(traceId);
  const leftOut = new LeftOut();
  const ids = (await queryTraceBlocks(db, question.project, [hash], leftOut)).get(hash) ?? [];
  const spans = new Map<string, DetailSpan>();
  const hops = new TraceHops(traceId, leftOut);
  const idBytes = [Buffer.from(traceId, "hex")];
  const told = new ToldAttempts(hash);
  const spansOf = ({ payload }: Block) =>
    partsHolding(payload, idBytes).flatMap((part) => {
      told.read(part);
      return spansOfTrace(part.payload, traceId);
    });
  for await (const block of eachBlock(db, question.project, ids, leftOut)) {
    if (block.signal !== "traces") hops.read(block);
    else for (const span of readBlock(block, leftOut, spansOf)) spans.set(span.spanId, span);
  }
  const inOrder = [...spans.values()].toSorted(byStart);
  const logged = hops.answer(inOrder);
  if (inOrder.length === 0 && logged.hops.length === 0) return null;
  return {
    traceId,
    spans: inOrder.slice(0, spansMax),
    omitted: Math.max(0, inOrder.length - spansMax),
    ...logged,
    told: told.answer(),
    unreadable: leftOut.rows,
  };
}

function byStart(a: DetailSpan, b: DetailSpan): number {
  const difference = BigInt(a.startNs) - BigInt(b.startNs);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return a.spanId < b.spanId ? -1 : 1;
}
