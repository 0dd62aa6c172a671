import type { Prepared } from "./prepared.ts";

/** Bodies that were answered 503 while nobody knew whether they were stored; the oldest are forgotten beyond it. */
const abandonedMax = 50_000;

/** Asks the database which of these blocks are stored. */
export type AskStored = (blockIds: readonly number[]) => Promise<ReadonlySet<number>>;

/**
 * Remembers commits that were asked for and never answered: the database may have done them before it was gone.
 * Before a request is committed again, the block of its earlier commit is looked for.
 */
export class Doubts {
  readonly #ask: AskStored;
  readonly #blocks = new WeakMap<Prepared, number[]>();
  /** By the digest, for a body that is sent again after its answer was 503. */
  readonly #abandoned = new Map<string, number[]>();
  #changes = 0;

  constructor(ask: AskStored) {
    this.#ask = ask;
  }

  /** COMMIT of the requests is asked for now; one block stands for all of the transaction. */
  begun(requests: readonly Prepared[], blockId: number): void {
    for (const request of requests) this.#blocks.set(request, [...this.blocksOf(request), blockId]);
  }

  /** The requests are known to be stored, or not to be. */
  ended(requests: readonly Prepared[]): void {
    for (const request of requests) this.#blocks.delete(request);
  }

  /** Blocks that may hold the request. */
  blocksOf(request: Prepared): readonly number[] {
    return this.#blocks.get(request) ?? [];
  }

  /** The senders of these requests are told to send again. */
  abandon(requests: readonly Prepared[]): void {
    for (const request of requests) {
      const blocks = this.#blocks.get(request);
      if (blocks === undefined) continue;
      this.#abandoned.set(request.digest, blocks);
      this.#changes += 1;
    }
    for (const digest of this.#abandoned.keys()) {
      if (this.#abandoned.size <= abandonedMax) break;
      this.#abandoned.delete(digest);
    }
  }

  /** Digests of requests that may be stored, and whose senders were told to send again; the newest. */
  abandoned(most: number): string[] {
    return [...this.#abandoned.keys()].slice(-most);
  }

  /** Grows with every request that is abandoned. */
  get changes(): number {
    return this.#changes;
  }

  /** Those of the requests that an earlier commit stored. */
  async stored(requests: readonly Prepared[]): Promise<ReadonlySet<Prepared>> {
    for (const request of requests) this.#adopt(request);
    const ids = new Set(requests.flatMap((request) => this.blocksOf(request)));
    if (ids.size === 0) return none;
    const found = await this.#ask([...ids]);
    return new Set(
      requests.filter((request) => this.blocksOf(request).some((id) => found.has(id))),
    );
  }

  #adopt(request: Prepared): void {
    const blocks = this.#abandoned.get(request.digest);
    if (blocks === undefined) return;
    this.#abandoned.delete(request.digest);
    this.#blocks.set(request, [...this.blocksOf(request), ...blocks]);
  }
}

const none: ReadonlySet<Prepared> = new Set();
