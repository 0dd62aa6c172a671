/** How long an undelivered answer is remembered, in milliseconds: longer than any exporter retries. */
const rememberMs = 600_000;
const rememberedMax = 200_000;

/**
 * Recognizes a body that is sent again because its answer did not arrive: it is stored already.
 * A body that was answered is forgotten, so that equal log lines sent on purpose are all kept.
 */
export class StoredBodies {
  readonly #undelivered = new Map<string, number>();

  /** Digests of bodies that were stored before this process began, and whose answers may have been lost. */
  constructor(digests: readonly string[], nowMs: number) {
    for (const digest of digests) this.#undelivered.set(digest, nowMs);
  }

  /** Whether the body is stored; it is forgotten then, as its sender gets its answer now. */
  take(digest: string, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#undelivered.delete(digest);
  }

  /** The body was stored, but its sender was gone before the answer. */
  answerLost(digest: string, nowMs: number): void {
    this.#undelivered.set(digest, nowMs);
  }

  #forget(nowMs: number): void {
    for (const [digest, atMs] of this.#undelivered) {
      if (atMs >= nowMs - rememberMs && this.#undelivered.size <= rememberedMax) break;
      this.#undelivered.delete(digest);
    }
  }
}
