import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

import { log } from "#lib/telemetry/log.ts";

import type { CommitSteps } from "../commit-group.ts";
import type { Prepared } from "../prepared.ts";
import type { Frame } from "./frames.ts";
import type { Progress } from "./progress.ts";
import type { Segments } from "./segments.ts";
import type { SpoolCounters } from "./spool-counters.ts";

/** What a replay needs of the database. */
export interface Store {
  /** Rejects while the database is away. */
  check(): Promise<void>;
  /** Leaves out those that another commit has stored. */
  commit(requests: readonly Prepared[], beforeCommit: CommitSteps["beforeCommit"]): Promise<void>;
  stored(blocks: readonly number[]): Promise<ReadonlySet<number>>;
  isDataError(error: unknown): boolean;
}

const groupBytesMax = 8 * 1024 * 1024;
const readAtOnce = 64;
const waitMs = { first: 200, most: 2_000 };

/** Brings what is in the spool into the database, in its order, once the database is there. */
export class Replay {
  readonly #segments: Segments;
  readonly #progress: Progress;
  readonly #store: Store;
  readonly #counters: SpoolCounters;
  readonly #onReachable: () => void;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  /** Whether the database refused a request of the segment at hand, which is kept for that. */
  #hasRefused = false;

  constructor(
    parts: { segments: Segments; progress: Progress; store: Store; counters: SpoolCounters },
    onReachable: () => void,
  ) {
    this.#segments = parts.segments;
    this.#progress = parts.progress;
    this.#store = parts.store;
    this.#counters = parts.counters;
    this.#onReachable = onReachable;
  }

  /** Begins unless it runs already; ends when the database is there and the spool is empty. */
  start(): void {
    if (this.#running !== null || this.#stopping.signal.aborted) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      // What was spooled after the last look.
      if (!this.#segments.isEmpty) this.start();
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.ended();
  }

  /** Resolves when it has nothing more to do, or was stopped. */
  async ended(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let pauseMs = waitMs.first; !signal.aborted;) {
      try {
        await this.#store.check();
        this.#onReachable();
        if (!(await this.#replayOldest())) return;
        pauseMs = waitMs.first;
      } catch (error) {
        log.warn({ err: error }, "the spool waits for the database");
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, waitMs.most);
      }
    }
  }

  /** False when there was nothing to replay. */
  async #replayOldest(): Promise<boolean> {
    const segment = await this.#segments.oldest();
    if (segment === null) return false;
    const { name, scan } = segment;
    const from = await this.#reached(name);
    let group: Frame[] = [];
    let bytes = 0;
    for (const frame of scan) {
      if (frame.start < from) continue;
      if (this.#stopping.signal.aborted) return true;
      if (bytes + frame.record.prepared.payload.byteLength > groupBytesMax) {
        await this.#replayGroup(name, group);
        [group, bytes] = [[], 0];
      }
      group.push(frame);
      // Reading a group takes a while, and others wait for their answers.
      if (group.length % readAtOnce === 0) await nextTurn();
      bytes += frame.record.prepared.payload.byteLength;
    }
    await this.#replayGroup(name, group);
    await this.#finish(name, scan.badBytes);
    return true;
  }

  async #finish(segment: string, badBytes: number): Promise<void> {
    const isWhole = badBytes === 0 && !this.#hasRefused;
    this.#hasRefused = false;
    if (isWhole) {
      await this.#segments.remove(segment);
      return;
    }
    this.#counters.setAside(badBytes);
    log.error(
      { segment, badBytes },
      "a segment of the spool is set aside: the rest of it is stored, but not all of it could be",
    );
    await this.#segments.setAside(segment);
  }

  /** Where an earlier replay of the segment came to. */
  async #reached(name: string): Promise<number> {
    const step = this.#progress.last(name);
    if (step === null) return 0;
    const stored = await this.#store.stored([step.block]);
    return stored.has(step.block) ? step.to : step.from;
  }

  async #replayGroup(segment: string, frames: readonly Frame[]): Promise<void> {
    const [first] = frames;
    const last = frames.at(-1);
    if (first === undefined || last === undefined) return;
    const open = await this.#open(frames);
    this.#counters.count("stored_before", frames.length - open.length);
    if (open.length === 0) return;
    try {
      await this.#store.commit(open, (block) =>
        this.#progress.note({ segment, from: first.start, to: last.end, block }),
      );
      this.#counters.count("replayed", open.length);
    } catch (error) {
      if (!this.#store.isDataError(error)) throw error;
      await this.#replayApart(segment, frames, error);
    }
  }

  /** Requests whose commit nobody answered may be stored. */
  async #open(frames: readonly Frame[]): Promise<readonly Prepared[]> {
    const blocks = new Set(frames.flatMap(({ record }) => record.blocks));
    const stored = await this.#store.stored([...blocks]);
    const open = frames.filter(({ record }) => !record.blocks.some((block) => stored.has(block)));
    return open.map(({ record }) => record.prepared);
  }

  /** One of the records is refused for its data: it is found by halving, as in the queue. */
  async #replayApart(segment: string, frames: readonly Frame[], error: unknown): Promise<void> {
    if (frames.length > 1) {
      const half = Math.ceil(frames.length / 2);
      await this.#replayGroup(segment, frames.slice(0, half));
      await this.#replayGroup(segment, frames.slice(half));
      return;
    }
    this.#counters.count("refused", 1);
    this.#hasRefused = true;
    log.error({ err: error, segment }, "the database refused a request of the spool for its data");
  }
}
