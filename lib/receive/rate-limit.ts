/** What was not used in the last seconds may be made up for. */
const burstSeconds = 5;

/**
 * So many a second on average. What a request brings is only known once it was read, so it is let in while anything
 * is left, and what it took beyond that is waited for by the next one.
 */
export class RateLimit {
  readonly perSecond: number;
  /** In thousandths, as those come back one by one in whole milliseconds. */
  #left: number;
  #atMs: number;
  #spentHere = 0;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.#left = perSecond * burstSeconds * 1_000;
    this.#atMs = nowMs;
  }

  /** How long until something may be sent, in milliseconds; 0 is now. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return Math.max(0, Math.ceil((1_000 - this.#left) / this.perSecond));
  }

  spend(amount: number, nowMs: number): void {
    this.#spentHere += amount;
    this.spentElsewhere(amount, nowMs);
  }

  /** Other processes took so much of what is one limit for all of them. */
  spentElsewhere(amount: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#left -= amount * 1_000;
  }

  /** What was spent here since this was last asked. */
  takeSpent(): number {
    const spent = this.#spentHere;
    this.#spentHere = 0;
    return spent;
  }

  #fill(nowMs: number): void {
    const more = Math.max(0, nowMs - this.#atMs) * this.perSecond;
    this.#left = Math.min(this.perSecond * burstSeconds * 1_000, this.#left + more);
    this.#atMs = nowMs;
  }
}
