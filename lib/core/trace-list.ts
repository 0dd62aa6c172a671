import type { LeaveOut } from "./stored-kind.ts";

/** Blocks kept of one trace, the newest: a trace in more of them is found in part. */
export const blocksPerTraceMax = 200;

/** Which traces stand in which blocks, in columns, by fingerprint and then by block. */
export interface TraceList {
  readonly fingerprints: Float64Array;
  readonly blocks: Float64Array;
  /** 1 where an exchange of the trace stands in the block. */
  readonly exchanges: Uint8Array;
}

/** A block in which a trace was found by its fingerprint. */
export interface TraceHit {
  readonly blockId: number;
  readonly hasExchange: boolean;
}

/** Bytes of the trace index that nothing of ours wrote. */
export class MalformedTraceIndex extends Error {
  override readonly name = "MalformedTraceIndex";
}

/** What a part of the index says; null where it is damaged, and left out. */
export function unlessMalformed<Result>(
  row: string,
  leaveOut: LeaveOut,
  read: () => Result,
): Result | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedTraceIndex)) throw error;
    leaveOut("trace_index", row, error);
    return null;
  }
}
