import type { Database } from "#lib/db/open.ts";
import { tellAnswers } from "#lib/store/ingest-answers.ts";
import { digestsBytes, forgetAnswered } from "#lib/store/request-digests.ts";
import { log } from "#lib/telemetry/log.ts";

import type { OpenAnswers } from "./open-answers.ts";
import { rememberMs } from "./stored-bodies.ts";

const everyMs = 1_000;
/** The newest; a process that loses more has lost them to senders that are gone, too. */
const lostMax = 20_000;
/** About 250,000 requests. */
const tableBytesMax = 16 * 1024 * 1024;
/** The size of the table is asked for once in so many rounds. */
const sizeEvery = 5;

/** Requests that are stored, or may be, and whose senders do not know it. */
interface LostAnswers {
  /** Digests of the last ones. */
  newest(most: number): readonly string[];
  /** Another number when there are others. */
  changes(): number;
}

/**
 * Tells the other processes once a second which answers of this one are written out and which are lost, and keeps the
 * table of requests small. An idle process tells nothing.
 */
export class AnswerReport {
  readonly #db: Database;
  readonly #open: OpenAnswers;
  readonly #lost: LostAnswers;
  readonly #nowMs: () => number;
  #process: number | null = null;
  #storedMs = 0;
  #toldMs = 0;
  #toldLost = -1;
  #rounds = 0;
  #forgetBytes = tableBytesMax;
  #timer: NodeJS.Timeout | null = null;
  #telling: Promise<void> = Promise.resolve();

  constructor(db: Database, open: OpenAnswers, lost: LostAnswers, nowMs: () => number) {
    this.#db = db;
    this.#open = open;
    this.#lost = lost;
    this.#nowMs = nowMs;
  }

  /** A commit of this process was asked for. */
  stored(process: number, atMs: number): void {
    this.#process = process;
    this.#storedMs = atMs;
    this.#timer ??= setInterval(() => void this.#round(), everyMs).unref();
  }

  /** Tells for the last time. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#telling;
    await this.#tell().catch(() => undefined);
  }

  #round(): Promise<void> {
    this.#telling = this.#telling
      .then(() => this.#tell())
      .then(() => this.#forget())
      .catch((error: unknown) => log.debug({ err: error }, "answers could not be told"));
    return this.#telling;
  }

  async #tell(): Promise<void> {
    const changes = this.#lost.changes();
    if (this.#process === null) return;
    if (this.#storedMs < this.#toldMs && changes === this.#toldLost) return;
    // Before the look at what is lost: an answer that is lost from here on is open at this time.
    const answeredBeforeMs = this.#open.answeredBeforeMs(this.#nowMs());
    const lost = this.#lost.newest(lostMax);
    await tellAnswers(this.#db, { process: this.#process, answeredBeforeMs, lost });
    this.#toldMs = answeredBeforeMs;
    this.#toldLost = changes;
  }

  /** One process does it for all; the others find the table small. */
  async #forget(): Promise<void> {
    this.#rounds += 1;
    if (this.#rounds % sizeEvery !== 0) return;
    if ((await digestsBytes(this.#db)) < this.#forgetBytes) return;
    await forgetAnswered(this.#db, this.#nowMs() - rememberMs);
    const left = await digestsBytes(this.#db);
    this.#forgetBytes = Math.max(tableBytesMax, left * 2);
  }
}
