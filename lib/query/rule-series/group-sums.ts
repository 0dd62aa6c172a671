import type { Group } from "#lib/core/measured.ts";

import type { PartSums } from "./part-sums.ts";

/** Failures in a row are looked for in the window of this length, in seconds. */
const inRowSeconds = 300;

/** One group with the sums of its counting source, window by window. */
export class GroupSums {
  readonly proxyId: number;
  readonly upstreamId: number;
  /** Failures at the end of the newest bucket, where its attempts had to be looked at one by one. */
  exactInRow: number | null = null;
  clockOffMs: number | null = null;
  readonly #windows = new Map<number, PartSums>();
  #lastMs = 0;

  constructor(proxyId: number, upstreamId: number) {
    this.proxyId = proxyId;
    this.upstreamId = upstreamId;
  }

  add(seconds: number, sums: PartSums): void {
    this.#windows.set(seconds, sums);
    this.see(sums.lastMs);
  }

  see(lastMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, lastMs);
  }

  /** The attempts whose failures in a row are asked for. */
  get recent(): PartSums | undefined {
    return this.upstreamId === 0 ? undefined : this.#windows.get(inRowSeconds);
  }

  toGroup(nameOf: (id: number) => string): Group {
    const ofUpstream = this.upstreamId !== 0;
    return {
      proxy: nameOf(this.proxyId),
      upstream: ofUpstream ? nameOf(this.upstreamId) : null,
      windows: new Map([...this.#windows].map(([seconds, sums]) => [seconds, sums.toMeasured()])),
      lastMs: this.#lastMs === 0 ? null : this.#lastMs,
      unavailableInRow: this.exactInRow ?? this.recent?.unavailableInRow() ?? null,
      clockOffMs: this.clockOffMs,
      certificateEndsMs: null,
    };
  }
}
