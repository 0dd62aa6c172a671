import { log } from "#lib/telemetry/log.ts";

import { abandonedFolders, claim, type ClaimedFolder } from "./claim-folder.ts";
import { Progress } from "./progress.ts";
import { Replay, type Store } from "./replay.ts";
import { Segments } from "./segments.ts";
import type { SpoolCounters } from "./spool-counters.ts";

/** A process that is only started again finds its folder before. */
const lookEveryMs = 10_000;

interface Adopted {
  readonly segments: Segments;
  readonly replay: Replay;
}

/** Replays what other processes left in their folders of the spool and did not come back for: fewer are started now. */
export class Adoption {
  readonly #spoolFolder: string;
  readonly #counters: SpoolCounters;
  readonly #store: Store;
  readonly #timer: NodeJS.Timeout;
  #adopted: Adopted | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;

  constructor(spoolFolder: string, counters: SpoolCounters, store: Store) {
    this.#spoolFolder = spoolFolder;
    this.#counters = counters;
    this.#store = store;
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  /** Of the requests at hand. */
  get bytes(): number {
    return this.#adopted?.segments.bytes ?? 0;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopping = true;
    await this.#adopted?.replay.stop();
    await this.#running;
  }

  #look(): void {
    this.#running ??= this.#adoptAll()
      .catch((error: unknown) => log.error({ err: error }, "a spool was not taken over"))
      .finally(() => (this.#running = null));
  }

  async #adoptAll(): Promise<void> {
    for (const folder of await abandonedFolders(this.#spoolFolder)) {
      const claimed = this.#isStopping ? null : await claim(folder);
      if (claimed === null) continue;
      try {
        await this.#replayAll(claimed);
      } finally {
        this.#adopted = null;
        await claimed.release();
      }
    }
  }

  async #replayAll(claimed: ClaimedFolder): Promise<void> {
    const { folder } = claimed;
    const { segments, tornBytes } = await Segments.open({
      folder,
      bytesMax: 0,
      onDiskError: (error) => log.error({ err: error, folder }, "the disk of the spool failed"),
    });
    const progress = await Progress.open(folder);
    try {
      this.#counters.torn(tornBytes);
      log.info(
        { folder, bytes: segments.bytes },
        "requests that another process left are replayed",
      );
      const parts = { segments, progress, store: this.#store, counters: this.#counters };
      const replay = new Replay(parts, () => undefined);
      this.#adopted = { segments, replay };
      if (!this.#isStopping) replay.start();
      await replay.ended();
    } finally {
      await segments.close();
      await progress.close();
    }
  }
}
