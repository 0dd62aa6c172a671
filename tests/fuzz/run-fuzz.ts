import { setFlagsFromString } from "node:v8";
import { runInNewContext, Script } from "node:vm";

import { randomOf, type Random } from "./mutate.ts";

/** Something that takes input from outside. */
export interface Target {
  readonly name: string;
  /** Makes an input and feeds it; throws when what comes of it may not be. */
  readonly feed: (random: Random) => void;
}

export interface FuzzFigures {
  readonly inputs: number;
  readonly seconds: number;
  readonly slowestMs: number;
  readonly heapGrowthBytes: number;
}

/** Inputs under one watch: V8 ends them all when they take longer than `hangMs`, even within a regular expression. */
const batch = 50;
const hangMs = 10_000;
/** An input that takes longer is tried again, as a busy machine makes any of them slow. */
const slowMs = 250;

declare global {
  /** What the watch runs: code that is called from a script can be ended, code that calls one cannot. */
  var fuzzBatch: (() => void) | undefined;
}

/** Feeds each target so many inputs; an error names the target and the seed with which it comes again. */
export function runFuzz(targets: readonly Target[], inputsEach: number, from = 0): FuzzFigures {
  const begun = performance.now();
  const script = new Script("fuzzBatch()");
  const warmUp = Math.min(2_000, Math.ceil(inputsEach / 5));
  const state = { seed: 0, slowestMs: 0 };
  const feed = (target: Target, first: number, last: number) => {
    for (let seed = first; seed < last; seed += batch) {
      globalThis.fuzzBatch = () => {
        for (state.seed = seed; state.seed < Math.min(last, seed + batch); state.seed += 1) {
          state.slowestMs = Math.max(state.slowestMs, timeOf(target, state.seed));
        }
      };
      try {
        script.runInThisContext({ timeout: hangMs });
      } catch (error) {
        throw new Error(`${target.name} fails with the seed ${state.seed}`, { cause: error });
      }
    }
  };
  for (const target of targets) feed(target, from, from + warmUp);
  const before = usedBytes();
  for (const target of targets) feed(target, from + warmUp, from + inputsEach);
  globalThis.fuzzBatch = undefined;
  return {
    inputs: targets.length * inputsEach,
    seconds: (performance.now() - begun) / 1_000,
    slowestMs: state.slowestMs,
    heapGrowthBytes: usedBytes() - before,
  };
}

/** The shortest of three times for an input that seems slow. */
function timeOf(target: Target, seed: number): number {
  let shortest = timeOnce(target, seed);
  for (let tries = 0; shortest > slowMs && tries < 3; tries += 1) {
    shortest = Math.min(shortest, timeOnce(target, seed));
  }
  if (shortest > slowMs) throw new Error(`it takes ${Math.round(shortest)} ms`);
  return shortest;
}

function timeOnce(target: Target, seed: number): number {
  const random = randomOf(seed);
  const begun = performance.now();
  target.feed(random);
  return performance.now() - begun;
}

function usedBytes(): number {
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc === "function") gc();
}
