import { blocksPerSecondMax, ingestProcessesMax } from "#lib/core/block-id.ts";

/** 2024-01-01 in epoch seconds; ids count from there, so that they stay safe integers until 2058. */
const epochSeconds = 1_704_067_200;

/**
 * Makes block ids that are unique among up to 1,024 ingest processes without asking anybody:
 * seconds since 2024, the process, and a count within the second, in one safe integer.
 */
export class BlockIds {
  readonly #process: number;
  #second = 0;
  #count = 0;

  constructor(processNumber: number) {
    this.#process = processNumber % ingestProcessesMax;
  }

  next(nowMs: number): number {
    const second = Math.max(this.#second, Math.floor(nowMs / 1000) - epochSeconds);
    this.#count = second === this.#second ? this.#count + 1 : 0;
    this.#second = second;
    if (this.#count >= blocksPerSecondMax) {
      // Borrowing from the next second keeps ids unique; at most a burst runs ahead of the clock.
      this.#second += 1;
      this.#count = 0;
    }
    return (this.#second * ingestProcessesMax + this.#process) * blocksPerSecondMax + this.#count;
  }
}

/** The lowest id of blocks made from a time on, which is cut to its second; `blockTimeMs` tells the same the other way round. */
export function firstBlockIdAt(timeMs: number): number {
  return (Math.floor(timeMs / 1000) - epochSeconds) * ingestProcessesMax * blocksPerSecondMax;
}

/** When the block was made, to the second, in epoch milliseconds. */
export function blockTimeMs(id: number): number {
  return (Math.floor(id / (ingestProcessesMax * blocksPerSecondMax)) + epochSeconds) * 1000;
}
