import type { Database } from "#lib/db/open.ts";
import { BlockIds } from "#lib/store/block-id.ts";
import { newestDigests, nextProcessNumber } from "#lib/store/digests.ts";

import type { Prepared } from "./prepared.ts";

interface Known {
  readonly blockIds: BlockIds;
  /** Of requests that were stored just before an earlier process was killed. */
  readonly digests: readonly string[];
}

/** What a process must ask the database once, before its first commit; the database may be away when it starts. */
export class FirstContact {
  readonly #db: Database;
  readonly #crashSeconds: number;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #asked: Promise<Known> | null = null;
  /** When the answer came, if the first question failed. */
  #lateMs: number | null = null;
  #hasFailed = false;
  #late: ReadonlySet<string> = new Set();
  #told = false;

  constructor(db: Database, crashSeconds: number, nowMs: () => number) {
    this.#db = db;
    this.#crashSeconds = crashSeconds;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** Rejects while the database is away; asks again then. */
  made(): Promise<Known> {
    this.#asked ??= this.#ask().catch((error: unknown) => {
      this.#asked = null;
      this.#hasFailed = true;
      throw error;
    });
    return this.#asked;
  }

  /** Digests that came late, once: of requests whose senders may still send them again. */
  lateDigests(): Iterable<string> {
    if (this.#told) return [];
    this.#told = true;
    return this.#late;
  }

  /** Whether a request of the time before the first contact had been stored by a process that was killed. */
  isResent({ digest, receivedMs }: Prepared): boolean {
    if (this.#lateMs === null || !this.#late.has(digest)) return false;
    return receivedMs >= this.#startMs && receivedMs <= this.#lateMs;
  }

  async #ask(): Promise<Known> {
    const blockIds = new BlockIds(await nextProcessNumber(this.#db));
    const digests = await newestDigests(this.#db, this.#crashSeconds);
    if (this.#hasFailed) {
      this.#late = new Set(digests);
      this.#lateMs = this.#nowMs();
    }
    return { blockIds, digests };
  }
}
