import { log } from "#lib/telemetry/log.ts";
import type { Metrics } from "#lib/telemetry/metrics.ts";

import type { CommitQueue, CommitResult } from "../commit-queue.ts";
import type { Doubts } from "../doubts.ts";
import type { Prepared } from "../prepared.ts";
import { Adoption } from "./adoption.ts";
import { abandonedFolders, claimFolder, type ClaimedFolder } from "./claim-folder.ts";
import { Progress } from "./progress.ts";
import { Replay, type Store } from "./replay.ts";
import { newestSegment, Segments, type Appended } from "./segments.ts";
import { spoolCounters, type SpoolCounters } from "./spool-counters.ts";

export interface SpoolSettings {
  readonly folder: string;
  readonly bytesMax: number;
}

/** How long a request waits for its commit before it is spooled; exporters give up after 10 s. */
const patienceMs = 4_000;
/** From this share of its bytes on, the spool warns. */
const nearlyFull = 0.8;

const outcomes = { written: "spooled", full: "full", failed: "disk_failed" } as const;
const refusals: Record<Exclude<Appended, "written">, string> = {
  full: "The database is away, and the spool is full.",
  failed: "The database is away, and the disk of the spool takes no more.",
};

/** Keeps requests on disk while the database is away, and brings them there when it is back. */
export class Spool {
  readonly #folder: ClaimedFolder;
  readonly #segments: Segments;
  readonly #progress: Progress;
  readonly #settings: SpoolSettings;
  readonly #counters: SpoolCounters;
  /** Requests that are the spool's now: no commit that has not been asked for may store them. */
  readonly #taken = new WeakSet<Prepared>();
  #replay: Replay | null = null;
  #adoption: Adoption | null = null;
  #isAway = false;
  #hasWarned = false;

  private constructor(
    settings: SpoolSettings,
    parts: {
      folder: ClaimedFolder;
      segments: Segments;
      progress: Progress;
      counters: SpoolCounters;
    },
  ) {
    this.#settings = settings;
    this.#folder = parts.folder;
    this.#segments = parts.segments;
    this.#counters = parts.counters;
    this.#progress = parts.progress;
  }

  static async open(settings: SpoolSettings, metrics: Metrics): Promise<Spool> {
    const folder = await claimFolder(settings.folder);
    const counters = spoolCounters(metrics);
    const { segments, tornBytes } = await Segments.open({
      folder: folder.folder,
      bytesMax: settings.bytesMax,
      onDiskError: (error) => log.error({ err: error }, "the disk of the spool failed"),
    });
    counters.torn(tornBytes);
    const progress = await Progress.open(folder.folder);
    const spool = new Spool(settings, { folder, segments, progress, counters });
    metrics.observe(
      "viascope_spool_bytes",
      "Bytes of requests on disk that wait for the database.",
      () => segments.bytes,
    );
    metrics.observe("viascope_spool_bytes_max", "Bytes that the spool may have.", () => {
      return settings.bytesMax;
    });
    metrics.observe(
      "viascope_spool_adopted_bytes",
      "Bytes of requests that a process left which did not come back, and that wait for the database.",
      () => spool.#adoption?.bytes ?? 0,
    );
    return spool;
  }

  /**
   * Digests of requests that a process spooled in the last seconds before its newest, here or where no process is: their
   * answers may be lost.
   */
  async newestDigests(seconds: number): Promise<string[]> {
    const abandoned = await abandonedFolders(this.#settings.folder);
    const scans = await Promise.all([this.#folder.folder, ...abandoned].map(newestSegment));
    return scans.flatMap((scan) => {
      const all = Array.from(scan ?? [], ({ record: { prepared } }) => {
        const { digest, receivedMs } = prepared;
        return { digest, receivedMs };
      });
      const newestMs = all.reduce((most, { receivedMs }) => Math.max(most, receivedMs), 0);
      return all
        .filter(({ receivedMs }) => receivedMs >= newestMs - seconds * 1_000)
        .map(({ digest }) => digest);
    });
  }

  /** Begins to replay what an earlier process left, and to look for what others left. */
  begin(store: Store): void {
    this.#adoption = new Adoption(this.#settings.folder, this.#counters, store);
    this.#replay = new Replay(
      {
        segments: this.#segments,
        progress: this.#progress,
        store,
        counters: this.#counters,
      },
      () => this.#isBack(),
    );
    if (this.#isAway || !this.#segments.isEmpty) this.#replay.start();
  }

  /** Commits by the queue, or spools when that fails or takes too long. */
  async add(queue: CommitQueue, doubts: Doubts, request: Prepared): Promise<CommitResult> {
    if (this.#isAway) return this.#take(request, doubts);
    const patience = Promise.withResolvers<"overdue">();
    const timer = setTimeout(() => patience.resolve("overdue"), patienceMs);
    const result = await Promise.race([queue.add(request), patience.promise]);
    clearTimeout(timer);
    if (result === "overdue") queue.withdraw(request);
    else if (result.kind !== "unavailable") return result;
    return this.#take(request, doubts);
  }

  /** Whether one of the requests was spooled meanwhile. */
  hasTaken(requests: readonly Prepared[]): boolean {
    return requests.some((request) => this.#taken.has(request));
  }

  async close(): Promise<void> {
    await this.#adoption?.stop();
    await this.#replay?.stop();
    await this.#segments.close();
    await this.#progress.close();
    await this.#folder.release();
  }

  async #take(request: Prepared, doubts: Doubts): Promise<CommitResult> {
    this.#taken.add(request);
    this.wentAway();
    const blocks = doubts.blocksOf(request);
    const appended = await this.#segments.append({ prepared: request, blocks });
    this.#counters.count(outcomes[appended], 1);
    this.#replay?.start();
    this.#warn();
    if (appended === "written") return { kind: "stored" };
    doubts.abandon([request]);
    return { kind: "unavailable", message: refusals[appended] };
  }

  /** From now on requests are spooled at once, until the database is seen again. */
  wentAway(): void {
    if (!this.#isAway) log.warn("the database is away: requests are kept in the spool");
    this.#isAway = true;
  }

  #isBack(): void {
    if (this.#isAway) log.info("the database is back: the spool is replayed");
    this.#isAway = false;
  }

  #warn(): void {
    const { bytes } = this.#segments;
    const { bytesMax } = this.#settings;
    const isNear = bytes > bytesMax * nearlyFull;
    if (isNear && !this.#hasWarned) {
      log.warn({ bytes, bytesMax }, "the spool is nearly full: requests will be refused");
    }
    this.#hasWarned = isNear;
  }
}
