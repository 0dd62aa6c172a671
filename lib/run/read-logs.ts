import type { LogItem, LogsAnswer, LogsParams } from "#lib/contract/logs.ts";
import type { LogLine } from "#lib/core/log-line.ts";
import { logLineOf } from "#lib/core/log-payload.ts";
import { leastSeverity, logSeverityOf } from "#lib/core/log-severity.ts";
import type { Database } from "#lib/db/open.ts";
import { type LogBlock, queryLogBlock } from "#lib/query/log-blocks.ts";
import {
  type LogFilter,
  type LogPlace,
  queryLogPlaces,
  queryUnreadLines,
} from "#lib/query/log-places.ts";
import type { Scope } from "#lib/query/scope.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { hashOfTraceId } from "./trace-hash.ts";

/** What one question may look through: a search that finds little ends here, and says how far it came. */
const placesMax = 50_000;
const blockReadsMax = 100;
const searchMsMax = 2_000;
/** Blocks in memory at once: lines of a time are in few of them. */
const blocksHeldMax = 6;
const pagePlacesMax = 2_000;

/** Log lines of the window, newest first, from the cursor on. */
export async function readLogs(
  db: Database,
  scope: Scope,
  params: LogsParams,
): Promise<LogsAnswer> {
  const asked = { ...scope, proxy: params.proxy };
  const search = new Search(db, asked, params);
  const [found, unread] = await Promise.all([search.run(), queryUnreadLines(db, asked)]);
  return { ...found, unread };
}

class Search {
  readonly #db: Database;
  readonly #scope: Scope;
  readonly #params: LogsParams;
  readonly #filter: LogFilter;
  readonly #isWanted: (line: LogLine) => boolean;
  readonly #mayHold: (written: string) => boolean;
  readonly #items: LogItem[] = [];
  readonly #blocks = new Map<number, LogBlock | null>();
  readonly #leftOut = new LeftOut();
  #blockReads = 0;
  #last: LogPlace | null;

  constructor(db: Database, scope: Scope, params: LogsParams) {
    this.#db = db;
    this.#scope = scope;
    this.#params = params;
    this.#filter = filterOf(params);
    this.#last = placeOf(params.cursor);
    const { query = "", traceId } = params;
    const needle = query.toLowerCase();
    const id = traceId?.toLowerCase();
    this.#isWanted = (line) =>
      (id === undefined || line.traceId === id) &&
      (needle === "" || `${line.text}\n${line.reason ?? ""}`.toLowerCase().includes(needle));
    // As JSON writes it; cheaper than to parse every line.
    const writtenNeedle = JSON.stringify(query).slice(1, -1).toLowerCase();
    this.#mayHold = (written) => query === "" || written.toLowerCase().includes(writtenNeedle);
  }

  async run(): Promise<Omit<LogsAnswer, "unread">> {
    const { limit } = this.#params;
    const begunMs = performance.now();
    for (let looked = 0; ;) {
      const places = await queryLogPlaces(this.#db, this.#scope, this.#filter, {
        before: this.#last,
        limit: this.#pageSize(),
      });
      for (const place of places) {
        if (this.#items.length >= limit || this.#isSpent(begunMs)) {
          return this.#answer(true);
        }
        await this.#look(place);
        looked += 1;
      }
      if (places.length < this.#pageSize()) return this.#answer(false);
      if (looked >= placesMax) return this.#answer(true);
    }
  }

  /** At least one block is looked through, so that the next question begins further back. */
  #isSpent(begunMs: number): boolean {
    if (this.#blockReads >= blockReadsMax) return true;
    return this.#blockReads > 1 && performance.now() - begunMs > searchMsMax;
  }

  /** One more than is shown tells whether there are more; a search looks through many. */
  #pageSize(): number {
    const { query, traceId, limit } = this.#params;
    return query === undefined && traceId === undefined ? limit + 1 : pagePlacesMax;
  }

  async #look(place: LogPlace): Promise<void> {
    this.#last = place;
    const block = await this.#blockOf(place.blockId);
    const part = block?.parts.get(place.blockId);
    if (block === null || part === undefined) return;
    const written = block.written[part.firstPosition + place.position] ?? "";
    if (written === "" || !this.#mayHold(written)) return;
    const line = logLineOf(written);
    if (line !== null && this.#isWanted(line)) {
      this.#items.push(itemOf(place, line, part.receivedMs));
    }
  }

  async #blockOf(id: number): Promise<LogBlock | null> {
    const held = this.#heldBlock(id);
    if (held !== undefined) return held;
    this.#blockReads += 1;
    const block = await queryLogBlock(this.#db, this.#scope.project, id, this.#leftOut);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size >= blocksHeldMax && oldest !== undefined) this.#blocks.delete(oldest);
    this.#blocks.set(id, block);
    return block;
  }

  /** A merged block is held for all of its parts. */
  #heldBlock(id: number): LogBlock | null | undefined {
    const held = this.#blocks.get(id);
    if (held !== undefined) return held;
    return this.#blocks.values().find((block) => block?.parts.has(id) === true);
  }

  #answer(hasMore: boolean): Omit<LogsAnswer, "unread"> {
    const last = this.#last;
    const more = hasMore && last !== null;
    return {
      items: this.#items,
      unreadable: this.#leftOut.rows,
      nextCursor: more ? `${last.atUs}-${last.blockId}-${last.position}` : null,
      scannedTo: new Date(more ? last.atUs / 1000 : this.#scope.window.fromMs).toISOString(),
    };
  }
}

function filterOf({ instance, severity, kind, traceId }: LogsParams): LogFilter {
  return {
    instance,
    kind,
    severityMin: severity === undefined ? undefined : leastSeverity(severity),
    traceHash: traceId === undefined ? undefined : hashOfTraceId(traceId),
  };
}

function placeOf(cursor: string | undefined): LogPlace | null {
  if (cursor === undefined) return null;
  const [atUs = 0, blockId = 0, position = 0] = cursor.split("-").map(Number);
  return { atUs, blockId, position };
}

function itemOf(place: LogPlace, line: LogLine, receivedMs: number): LogItem {
  const { atUs, severity, ...said } = line;
  return {
    id: `${place.blockId}-${place.position}`,
    time: new Date(atUs / 1000).toISOString(),
    receivedAt: new Date(receivedMs).toISOString(),
    severity: logSeverityOf(severity),
    ...said,
  };
}
