import { setTimeout as sleep } from "node:timers/promises";

import { stopSignals } from "./supervise/stop-signals.ts";
import { readCheckpoint } from "./tail/checkpoint.ts";
import { Delivery } from "./tail/deliver.ts";
import type { FollowedFile } from "./tail/followed-file.ts";
import { Following } from "./tail/following.ts";
import { tailOptions } from "./tail/options.ts";

/** How often files are looked at. */
const lookEveryMs = 500;
/** A proxy may write to its old file for as long after a rotation. */
const lingerMs = 60_000;
/** Of one file before the others have their turn. */
const batchesPerTurn = 8;
const reportEveryMs = 60_000;

/** Follows log files and sends their lines until it is told to stop, or with `--once` until all are sent. */
export async function runTail(dataDir: string, words: readonly string[]): Promise<void> {
  const options = tailOptions(dataDir, words);
  const stopping = new AbortController();
  void stopSignals().first.then(() => stopping.abort());
  const following = await Following.from(await readCheckpoint(options.checkpoint), {
    patterns: options.patterns,
    checkpoint: options.checkpoint,
    fromStart: options.fromStart,
    lingerMs: options.once ? 0 : lingerMs,
    nowMs: Date.now,
    note,
  });
  const { target, tokenFile, compression } = options;
  const delivery = new Delivery({
    target,
    tokenFile,
    compression,
    stopping: stopping.signal,
    note,
  });
  const tail = new Tail(following, delivery, stopping.signal);
  try {
    await tail.run(options.once);
  } finally {
    await following.save();
    await following.close();
    tail.report();
  }
}

class Tail {
  readonly #following: Following;
  readonly #delivery: Delivery;
  readonly #stopping: AbortSignal;
  #stored = 0;
  #refused = 0;
  #reportedMs = Date.now();
  #reported = "";

  constructor(following: Following, delivery: Delivery, stopping: AbortSignal) {
    this.#following = following;
    this.#delivery = delivery;
    this.#stopping = stopping;
  }

  async run(once: boolean): Promise<void> {
    await this.#following.find();
    note(`follows ${this.#following.size} files.`);
    while (!this.#stopping.aborted) {
      const isQuiet = await this.#round();
      await this.#following.save();
      if (isQuiet && once) return;
      if (isQuiet) {
        await sleep(lookEveryMs, undefined, { signal: this.#stopping }).catch(() => undefined);
      }
      await this.#following.find();
      if (Date.now() - this.#reportedMs >= reportEveryMs) this.report();
    }
  }

  /** Says how much was sent, unless nothing was since it was said last. */
  report(): void {
    const sentence = `${this.#stored} lines stored, ${this.#refused} refused.`;
    if (sentence !== this.#reported) note(sentence);
    this.#reported = sentence;
    this.#reportedMs = Date.now();
  }

  /** Gives every file its turn; true when none had anything new. */
  async #round(): Promise<boolean> {
    let isQuiet = true;
    for (const file of this.#following.files()) {
      if (!(await this.#turnOf(file))) isQuiet = false;
      if (this.#stopping.aborted) return isQuiet;
    }
    return isQuiet;
  }

  /** True when the file has nothing new. */
  async #turnOf(file: FollowedFile): Promise<boolean> {
    for (let batches = 0; batches < batchesPerTurn; batches += 1) {
      const isOver = this.#following.isOver(file);
      const look = await file.look(isOver);
      if (look === "truncated") {
        await this.#following.emptied(file);
        return false;
      }
      if (look === "nothing new") {
        if (isOver) await this.#following.letGo(file);
        return true;
      }
      if (look.from === 0 && (await this.#following.leaveCopyAlone(file))) return true;
      this.#following.stirred(file);
      await this.#following.sending(file, look);
      const delivered = await this.#delivery.deliver(look);
      if (delivered === null) return true;
      file.sent(look);
      this.#stored += delivered.accepted;
      this.#refused += delivered.rejected;
    }
    return false;
  }
}

/** Standard output is nobody's here, and a service's standard error is its log. */
function note(sentence: string): void {
  process.stderr.write(`viascope tail: ${sentence}\n`);
}
