import type { Database } from "#lib/db/open.ts";
import { BlockIds } from "#lib/store/block-id.ts";
import { forgetAnswers, nextProcessNumber } from "#lib/store/ingest-answers.ts";

interface Known {
  /** This process among those that ever were. */
  readonly process: number;
  readonly blockIds: BlockIds;
}

/** What a process must ask the database once, before its first commit; the database may be away when it starts. */
export class FirstContact {
  readonly #db: Database;
  #asked: Promise<Known> | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Rejects while the database is away; asks again then. */
  made(): Promise<Known> {
    this.#asked ??= this.#ask().catch((error: unknown) => {
      this.#asked = null;
      throw error;
    });
    return this.#asked;
  }

  async #ask(): Promise<Known> {
    const process = await nextProcessNumber(this.#db);
    await forgetAnswers(this.#db);
    return { process, blockIds: new BlockIds(process) };
  }
}
