import { entryPrefix, findEntry } from "#lib/core/trace-entries.ts";
import { fingerprintOfHash } from "#lib/core/trace-fingerprint.ts";
import { blocksPerTraceMax, type TraceHit, unlessMalformed } from "#lib/core/trace-list.ts";
import { findInPage } from "#lib/core/trace-page.ts";
import type { Database } from "#lib/db/open.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

/** Batches read at once, and traces looked for at once in the runs: some megabytes. */
const batchesAtOnce = 64;
const tracesAtOnce = 50;
/** So few traces are looked for in the batches by Postgres, which then sends those batches alone that have one. */
const fewTraces = 4;

/** Which traces are looked for: by the last 8 bytes of their ids as Postgres' signed bigint in decimal. */
export interface TraceQuestion {
  readonly project: number;
  readonly hashes: readonly string[];
  /** Blocks with lower ids may be left out. */
  readonly fromBlockId?: number;
  /** Told of parts of the index that cannot be read. */
  readonly leftOut?: LeftOut;
}

/**
 * The ids of the blocks that hold spans or lines of each trace, newest first, at most 200. Now and then one that holds
 * another trace of the same fingerprint: whoever reads the blocks looks for the whole id.
 */
export async function queryTraceBlocks(
  db: Database,
  project: number,
  traceHashes: readonly string[],
  leftOut = new LeftOut(),
): Promise<Map<string, number[]>> {
  const found = await queryTraceHits(db, { project, hashes: traceHashes, leftOut });
  return new Map([...found].map(([hash, hits]) => [hash, hits.map(({ blockId }) => blockId)]));
}

/** The same, with which of the blocks hold an exchange of the trace. */
export async function queryTraceHits(
  db: Database,
  question: TraceQuestion,
): Promise<Map<string, TraceHit[]>> {
  const hits = new Hits(question.hashes, question.leftOut ?? new LeftOut());
  if (hits.fingerprints.length === 0) return new Map();
  // What is merged in the meantime is then found in a run; in the other order it would be found in neither.
  await lookIntoBatches(db, question, hits);
  await lookIntoRuns(db, question, hits);
  return hits.byHash();
}

/** What was found of each trace so far. */
class Hits {
  /** Of the traces looked for, in order, so that those of one page are looked for together. */
  readonly fingerprints: readonly number[];
  readonly #fingerprintOf: ReadonlyMap<string, number>;
  readonly #found: ReadonlyMap<number, Map<number, TraceHit>>;

  readonly #leftOut: LeftOut;

  constructor(hashes: readonly string[], leftOut: LeftOut) {
    this.#leftOut = leftOut;
    this.#fingerprintOf = new Map(hashes.map((hash) => [hash, fingerprintOfHash(hash)]));
    const each = new Set(this.#fingerprintOf.values());
    this.#found = new Map([...each].map((fingerprint) => [fingerprint, new Map()]));
    this.fingerprints = [...each].toSorted((a, b) => a - b);
  }

  add(fingerprint: number, hit: TraceHit): void {
    this.#found.get(fingerprint)?.set(hit.blockId, hit);
  }

  /** Looks into a part of the index; one that is damaged is left out. */
  lookInto(row: string, look: () => void): void {
    unlessMalformed(row, this.#leftOut.add, look);
  }

  byHash(): Map<string, TraceHit[]> {
    const answer = new Map<string, TraceHit[]>();
    for (const [hash, fingerprint] of this.#fingerprintOf) {
      const hits = [...(this.#found.get(fingerprint)?.values() ?? [])];
      if (hits.length === 0) continue;
      const newestFirst = hits.toSorted((a, b) => b.blockId - a.blockId);
      answer.set(hash, newestFirst.slice(0, blocksPerTraceMax));
    }
    return answer;
  }
}

async function lookIntoBatches(db: Database, question: TraceQuestion, hits: Hits): Promise<void> {
  const { fingerprints } = hits;
  const prefixes = fingerprints.length > fewTraces ? null : fingerprints.map(entryPrefix);
  for (let after = (question.fromBlockId ?? 0) - 1; ;) {
    const answer = await db.pool.query<{ block_id: string; entries: Buffer }>(
      `SELECT block_id, entries FROM trace_batch
        WHERE project_id = $1 AND block_id > $2 AND ($3::bytea[] IS NULL OR EXISTS (
          SELECT FROM unnest($3::bytea[]) AS prefix WHERE position(prefix IN entries) > 0))
        ORDER BY block_id LIMIT ${batchesAtOnce}`,
      [question.project, after, prefixes],
    );
    for (const { block_id, entries } of answer.rows) {
      hits.lookInto(`batch ${block_id}`, () => {
        for (const fingerprint of fingerprints) {
          const entry = findEntry(entries, fingerprint);
          if (entry !== null) hits.add(fingerprint, { blockId: Number(block_id), ...entry });
        }
      });
    }
    if (answer.rows.length < batchesAtOnce) return;
    after = Number(answer.rows.at(-1)?.block_id);
  }
}

/** Of each run the one page on which each trace would stand. */
async function lookIntoRuns(db: Database, question: TraceQuestion, hits: Hits): Promise<void> {
  for (let from = 0; from < hits.fingerprints.length; from += tracesAtOnce) {
    const wanted = hits.fingerprints.slice(from, from + tracesAtOnce);
    const answer = await db.pool.query<PageRow>(pagesQuery, [
      question.project,
      wanted,
      question.fromBlockId ?? 0,
    ]);
    for (const { run, first, fingerprints, entries } of answer.rows) {
      hits.lookInto(`page ${run} ${first}`, () => {
        for (const fingerprint of fingerprints.map(Number)) {
          for (const hit of findInPage(entries, fingerprint)) hits.add(fingerprint, hit);
        }
      });
    }
  }
}

interface PageRow {
  readonly run: string;
  readonly first: string;
  readonly fingerprints: string[];
  readonly entries: Buffer;
}

/** One statement, so that a run is seen either whole or as the one that took its place. */
const pagesQuery = ["trace_run_page", "trace_day_page"].map(pagesOf).join(" UNION ALL ");

function pagesOf(table: string): string {
  const level = table === "trace_day_page" ? "run.level = 15" : "run.level < 15";
  return `
    SELECT place.id::text AS run, place.first_fingerprint::text AS first, place.fingerprints, page.entries FROM (
      SELECT run.day, run.id, page.first_fingerprint, array_agg(wanted::text) AS fingerprints
        FROM trace_run AS run CROSS JOIN unnest($2::bigint[]) AS wanted CROSS JOIN LATERAL (
          SELECT first_fingerprint FROM ${table}
           WHERE day = run.day AND run_id = run.id AND first_fingerprint <= wanted
           ORDER BY first_fingerprint DESC LIMIT 1) AS page
       WHERE run.project_id = $1 AND run.last_block_id >= $3 AND ${level}
       GROUP BY run.day, run.id, page.first_fingerprint
    ) AS place CROSS JOIN LATERAL (
      SELECT entries FROM ${table}
       WHERE day = place.day AND run_id = place.id AND first_fingerprint = place.first_fingerprint
       LIMIT 1) AS page`;
}
