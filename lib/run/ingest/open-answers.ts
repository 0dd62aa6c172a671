/** Requests whose answers are not written out yet. */
export class OpenAnswers {
  /** In the order in which they came, so that the first is the oldest. */
  readonly #open = new Set<{ readonly sinceMs: number }>();

  /** A request is taken in; gives what to call when its answer is written out, or lost. */
  begin(nowMs: number): () => void {
    const one = { sinceMs: nowMs };
    this.#open.add(one);
    return () => void this.#open.delete(one);
  }

  /** Every request that was taken in before this has had its answer. */
  answeredBeforeMs(nowMs: number): number {
    const [oldest] = this.#open;
    return oldest?.sinceMs ?? nowMs;
  }
}
