import { withLock } from "#lib/db/advisory-lock.ts";
import type { Database } from "#lib/db/open.ts";
import { holdOneView } from "#lib/db/segments.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { fillModules } from "#lib/rollup/fill-modules.ts";
import { firstBlockIdAt } from "#lib/store/block-id.ts";
import {
  deleteModulePrefixes,
  insertModulePrefixes,
  loadModulePrefixes,
  noteFilled,
  type StoredPrefix,
} from "#lib/store/module-prefixes.ts";

import { slosInForce, type SloInForce } from "./slos-in-force.ts";

/** Any constant: names the advisory lock under which one worker at a time sums the past. */
const countingLock = 7_316_004;
/** Every ingest process has read of a new prefix by then, and clocks may differ by a few seconds. */
const leadMs = 10_000;
/** Blocks made before a prefix was counted are committed by then: a commit is tried again for 4 s. */
const settleMs = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** From here on back minutes are fine enough; what is newer is read by 10 s. */
const fineMs = 6 * hourMs;
/** Widths of the stretches that are summed in one transaction, in seconds. */
const widths = [60, 300, 900, 3_600] as const;
const quickMs = 250;
const slowMs = 1_000;
/** Longest turn, so that a worker that is stopped stops soon. */
const turnMs = 2_000;

export interface CountingOptions {
  readonly project: number;
  /** How long single exchanges are kept. */
  readonly keptMs: number;
}

/** Has ingest sum the module prefixes that objectives name, and sums what was stored before, step by step. */
export class ModuleCounting {
  readonly #db: Database;
  readonly #options: CountingOptions;
  #width = 1;

  constructor(db: Database, options: CountingOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** One turn; null when another worker is at it. */
  run(nowMs: number): Promise<void | null> {
    return withLock(this.#db, countingLock, () => this.#turn(nowMs));
  }

  async #turn(nowMs: number): Promise<void> {
    const prefixes = await this.#reconcile(nowMs);
    const endsMs = performance.now() + turnMs;
    for (let prefix of prefixes) {
      if (nowMs < prefix.countedFromMs + settleMs) continue;
      while (!prefix.filled && performance.now() < endsMs) {
        prefix = await this.#fill(prefix, nowMs);
      }
    }
  }

  /** The prefixes that objectives name and that are stored already. */
  async #reconcile(nowMs: number): Promise<StoredPrefix[]> {
    const { project } = this.#options;
    const wanted = new Set(prefixesOf(await slosInForce(this.#db, project)));
    const stored = await loadModulePrefixes(this.#db, project);
    const unwanted = stored.filter(({ prefix }) => !wanted.has(prefix));
    await deleteModulePrefixes(
      this.#db,
      project,
      unwanted.map(({ id }) => id),
    );
    const known = new Set(stored.map(({ prefix }) => prefix));
    const fresh = [...wanted].filter((prefix) => !known.has(prefix));
    const countedFromMs = Math.ceil((nowMs + leadMs) / 1_000) * 1_000;
    // Records may begin up to a day in the future.
    const filledFromMs = Math.ceil((countedFromMs + dayMs) / hourMs) * hourMs;
    await insertModulePrefixes(this.#db, project, fresh, { countedFromMs, filledFromMs });
    return stored.filter(({ prefix }) => wanted.has(prefix));
  }

  /** Sums one stretch more of the past. */
  async #fill(prefix: StoredPrefix, nowMs: number): Promise<StoredPrefix> {
    const { project, keptMs } = this.#options;
    const begun = performance.now();
    const toMs = prefix.filledFromMs;
    const widthMs = (widths[this.#width] ?? 60) * 1_000;
    const fromMs = (Math.ceil(toMs / widthMs) - 1) * widthMs;
    // Partitions go by whole days.
    const filled = fromMs <= nowMs - keptMs - dayMs;
    const next = { ...prefix, filledFromMs: fromMs, filled };
    await inTransaction(this.#db, async (client) => {
      await holdOneView(client);
      // The row is held to the end, so that a prefix that is deleted meanwhile is deleted after this.
      if (!(await noteFilled(client, project, next))) return;
      await fillModules(client, {
        project,
        prefix,
        window: { fromMs, toMs },
        blocksBelow: firstBlockIdAt(prefix.countedFromMs),
        step: fromMs > nowMs - fineMs ? 10 : 60,
      });
    });
    this.#adapt(performance.now() - begun);
    return next;
  }

  #adapt(tookMs: number): void {
    if (tookMs < quickMs) this.#width = Math.min(this.#width + 1, widths.length - 1);
    else if (tookMs > slowMs) this.#width = Math.max(this.#width - 1, 0);
  }
}

/** The prefixes that objectives name, each once. */
function prefixesOf(slos: readonly SloInForce[]): string[] {
  const named = slos.flatMap(({ definition: { module } }) => (module === null ? [] : [module]));
  return [...new Set(named)].toSorted();
}
