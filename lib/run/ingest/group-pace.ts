/** Beside so many bytes a transaction costs little: they never wait for more. */
const largeBytes = 131_072;
/** The part of the time that commits take for which more is waited for behind one, and the most of it. */
const patience = { share: 0.25, msMax: 5 };
/** The newest commit counts so much in how long they take. */
const newestWeight = 1 / 8;

/**
 * When enough requests wait to be committed. Small ones cost less than the transaction that they share, and senders that
 * were just answered send their next ones at once: for a moment behind a commit it is enough when half as many wait as
 * are in the commits under way and the last one, so that two writers come to commit equal groups by turns. Whoever
 * sends one request after the other, and whoever comes later than that moment, waits for nobody.
 */
export class GroupPace {
  #underWay = 0;
  #last = 0;
  #commitMs = 0;
  #patientUntilMs = 0;

  /** A group of so many requests is being committed. */
  begun(requests: number): void {
    this.#last = requests;
    this.#underWay += requests;
  }

  /** Its commit is over, at a time by the same clock as below. */
  ended(requests: number, tookMs: number, nowMs: number): void {
    this.#underWay -= requests;
    this.#commitMs += (tookMs - this.#commitMs) * newestWeight;
    this.#patientUntilMs = nowMs + Math.min(this.#commitMs * patience.share, patience.msMax);
  }

  /** How long others are still waited for; 0 when so many requests of so many bytes are enough. */
  waitMs(requests: number, bytes: number, nowMs: number): number {
    const enough = Math.ceil((this.#underWay + this.#last) / 2);
    if (requests >= enough || bytes >= largeBytes) return 0;
    return Math.max(0, this.#patientUntilMs - nowMs);
  }
}
