import { GroupPace } from "./group-pace.ts";
import type { Prepared } from "./prepared.ts";

/** How the commit of a request ended: stored, refused for good, or to be tried again later. */
export type CommitResult =
  | { readonly kind: "stored" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "unavailable"; readonly message: string };

interface Member {
  readonly prepared: Prepared;
  readonly settle: (result: CommitResult) => void;
}

/** A group of requests that is committed in one transaction. */
export type Group = readonly Member[];

/** What a writer does with a group: all of it or none of it is stored when it returns or throws. */
export type CommitGroup = (requests: readonly Prepared[]) => Promise<void>;

export interface CommitQueueOptions {
  readonly writers: number;
  readonly groupBytesMax: number;
  readonly commit: CommitGroup;
  /** Whether the data itself is at fault, so that trying again would fail again. */
  readonly isDataError: (error: unknown) => boolean;
  /** Called with every failure, for the log and the counters. */
  readonly onFailure: (error: unknown, requests: number) => void;
  /** How long a group that the database does not take is tried again, in milliseconds. */
  readonly retryMsMax: number;
  /** Called with requests whose senders are told that the database is not available. */
  readonly onUnavailable: (requests: readonly Prepared[]) => void;
}

/**
 * Group commit: each writer takes all that is queued, commits it in one transaction and answers its requests; the commit
 * before, and a moment behind it, is what makes the group. A request that the database refuses for its data is found by
 * halving the group, so that it fails alone.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #queued: Member[] = [];
  #queuedBytes = 0;
  #running = 0;
  readonly #pace = new GroupPace();
  #isWaiting = false;
  #idle: (() => void)[] = [];

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Requests that wait for a writer. */
  get depth(): number {
    return this.#queued.length;
  }

  /** Settles when the request is committed, or can't be. */
  add(prepared: Prepared): Promise<CommitResult> {
    return new Promise((settle) => {
      this.#queued.push({ prepared, settle });
      this.#queuedBytes += prepared.payload.byteLength;
      this.#start();
    });
  }

  /** Takes a request back that no writer has taken; it never settles then. */
  withdraw(prepared: Prepared): void {
    const left = this.#queued.filter((member) => member.prepared !== prepared);
    if (left.length < this.#queued.length) this.#queuedBytes -= prepared.payload.byteLength;
    this.#queued = left;
  }

  /** Resolves when nothing is queued or being committed. */
  async drained(): Promise<void> {
    while (this.#running > 0 || this.#queued.length > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  #start(): void {
    if (this.#running >= this.#options.writers || this.#queued.length === 0) return;
    if (this.#waitMs() > 0) return this.#waitForMore();
    this.#running += 1;
    void this.#write().finally(() => {
      this.#running -= 1;
      for (const resolve of this.#idle.splice(0)) resolve();
      this.#start();
    });
  }

  async #write(): Promise<void> {
    // Requests that arrived in the same turn of the event loop belong into one group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queued.length > 0 && this.#waitMs() === 0) await this.#commitNext();
  }

  async #commitNext(): Promise<void> {
    const group = this.#takeGroup();
    const begunMs = performance.now();
    this.#pace.begun(group.length);
    await this.#commit(group);
    const endMs = performance.now();
    this.#pace.ended(group.length, endMs - begunMs, endMs);
  }

  #waitMs(): number {
    return this.#pace.waitMs(this.#queued.length, this.#queuedBytes, performance.now());
  }

  #waitForMore(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      this.#start();
    }, this.#waitMs());
  }

  #takeGroup(): Group {
    let bytes = 0;
    let count = 0;
    for (const { prepared } of this.#queued) {
      bytes += prepared.payload.byteLength;
      if (count > 0 && bytes > this.#options.groupBytesMax) break;
      count += 1;
    }
    const group = this.#queued.splice(0, count);
    for (const { prepared } of group) this.#queuedBytes -= prepared.payload.byteLength;
    return group;
  }

  async #commit(group: Group): Promise<void> {
    const error = await this.#tryCommit(group);
    if (error === null) {
      for (const { settle } of group) settle({ kind: "stored" });
    } else if (!this.#options.isDataError(error)) {
      this.#options.onUnavailable(group.map(({ prepared }) => prepared));
      settleAll(group, { kind: "unavailable", message: "The database is not available." });
    } else if (group.length === 1) {
      settleAll(group, { kind: "refused", message: `The database refused it: ${textOf(error)}` });
    } else {
      const half = Math.ceil(group.length / 2);
      await this.#commit(group.slice(0, half));
      await this.#commit(group.slice(half));
    }
  }

  /** Tries until it is stored, the data proves to be at fault, or the time is over; gives the last error. */
  async #tryCommit(group: Group): Promise<unknown> {
    const { commit, isDataError, onFailure, retryMsMax } = this.#options;
    const requests = group.map((member) => member.prepared);
    for (let waitMs = 50, waitedMs = 0; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      try {
        await commit(requests);
        return null;
      } catch (error) {
        onFailure(error, requests.length);
        if (isDataError(error) || waitedMs >= retryMsMax) return error ?? new Error("unknown");
        waitedMs += waitMs;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }
}

function settleAll(group: Group, result: CommitResult): void {
  for (const { settle } of group) settle(result);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
