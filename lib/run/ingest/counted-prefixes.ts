import { ModulePrefixes, type NumberedPrefix } from "#lib/core/module-prefix.ts";
import type { Database } from "#lib/db/open.ts";
import { firstBlockIdAt } from "#lib/store/block-id.ts";
import { loadModulePrefixes } from "#lib/store/module-prefixes.ts";

/** A prefix as ingest counts it. */
export interface CountedPrefix extends NumberedPrefix {
  /** Blocks below this are counted by the worker that fills the past. */
  readonly firstBlockId: number;
}

/** How old the list may be. A new prefix is counted from a time on that is further away than this (lib/run/count-modules.ts). */
const reloadedMs = 2_000;

interface PrefixList {
  readonly text: string;
  readonly prefixes: ModulePrefixes<CountedPrefix>;
}

interface Loaded {
  readonly atMs: number;
  readonly list: Promise<PrefixList>;
}

/** The module prefixes that objectives name, as ingest knows them. */
export class CountedPrefixes {
  readonly #db: Database;
  readonly #loaded = new Map<number, Loaded>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The list as it was at most two seconds ago. */
  async current(project: number, nowMs: number): Promise<ModulePrefixes<CountedPrefix>> {
    const before = this.#loaded.get(project);
    const fresh = before !== undefined && Math.abs(nowMs - before.atMs) < reloadedMs;
    const list = fresh ? before.list : this.#load(project, before);
    if (!fresh) this.#loaded.set(project, { atMs: nowMs, list });
    try {
      return (await list).prefixes;
    } catch (error) {
      // Asked again by the next commit; this one fails with it.
      this.#loaded.delete(project);
      throw error;
    }
  }

  async #load(project: number, before: Loaded | undefined): Promise<PrefixList> {
    const stored = await loadModulePrefixes(this.#db, project);
    const counted = stored.map(({ id, prefix, countedFromMs }) => {
      return { id, prefix, firstBlockId: firstBlockIdAt(countedFromMs) };
    });
    const text = JSON.stringify(counted);
    const known = await before?.list.catch(() => null);
    // The same list goes on, with the modules that it knows.
    return known?.text === text ? known : { text, prefixes: new ModulePrefixes(counted) };
  }
}
