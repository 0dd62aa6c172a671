/** How long an undelivered answer is remembered, in milliseconds: longer than any exporter retries. */
export const rememberMs = 600_000;
const rememberedMax = 200_000;

/**
 * Recognizes a body that is sent again because its answer did not arrive: it is stored already.
 * A body that was answered is forgotten, so that equal log lines sent on purpose are all kept.
 */
export class StoredBodies {
  readonly #undelivered = new Map<string, number>();
  #changes = 0;

  /** Digests of bodies that were stored before this process began, and whose answers may have been lost. */
  constructor(digests: readonly string[], nowMs: number) {
    for (const digest of digests) this.#undelivered.set(digest, nowMs);
  }

  /** Whether the body is stored; it is forgotten then, as its sender gets its answer now. */
  take(digest: string, nowMs: number): boolean {
    this.#forget(nowMs);
    const isStored = this.#undelivered.delete(digest);
    if (isStored) this.#changes += 1;
    return isStored;
  }

  /** The same, and nothing is forgotten. */
  has(digest: string): boolean {
    return this.#undelivered.has(digest);
  }

  /** The body was stored, or may have been, but its sender was gone before the answer or was told to come back. */
  answerLost(digest: string, nowMs: number): void {
    this.#undelivered.set(digest, nowMs);
    this.#changes += 1;
  }

  /** Digests of the bodies that were lost last. */
  newest(most: number): string[] {
    return [...this.#undelivered.keys()].slice(-most);
  }

  /** Grows whenever a body is remembered or taken. */
  get changes(): number {
    return this.#changes;
  }

  #forget(nowMs: number): void {
    for (const [digest, atMs] of this.#undelivered) {
      if (atMs >= nowMs - rememberMs && this.#undelivered.size <= rememberedMax) break;
      this.#undelivered.delete(digest);
    }
  }
}
