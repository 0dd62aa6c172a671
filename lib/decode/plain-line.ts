import type { ModuleEndpoint } from "#lib/core/module-request.ts";

import type { Bytes } from "./bytes.ts";

/** An attempt that was answered. */
export interface PlainAttempt {
  /** Its logical name, null when the line gives only the address. */
  upstream: string | null;
  endpoint: string;
  /** Where the reader keeps the endpoint; -1 where it does not. */
  endpointSlot: number;
  status: number;
  /** Microseconds; -1 is not measured. */
  durationUs: number;
}

/**
 * What most access lines say and no more: a request that was answered, attempts that were answered too, nothing
 * that another line explains. One object per stream, overwritten line by line; words and names come as the same strings.
 */
export interface PlainLine {
  /** Epoch microseconds. */
  startUs: number;
  /** Microseconds; -1 is not measured. */
  durationUs: number;
  status: number;
  /** Of the answer; -1 is not measured. */
  bytes: number;
  /** As in `AccessRecord`. */
  cacheWord: string | null;
  module: string | null;
  /** Where the reader keeps the module's name; -1 where it does not. */
  moduleSlot: number;
  moduleEndpoint: ModuleEndpoint | null;
  traceId: string | null;
  /** How many of `attempts` are of this line. */
  attemptCount: number;
  readonly attempts: PlainAttempt[];
}

/** Reads the plain lines of one stream from their bytes, where `LineDecoder.decode` would find the same in their text. */
export interface PlainReader {
  readonly line: PlainLine;
  /**
   * Reads the line that begins at a place into `line`, and gives the place behind its end; -1 where the line is not plain,
   * whatever it is. A newline must stand somewhere behind the place.
   */
  read(source: Bytes, from: number): number;
}

/** A line that says nothing yet. */
export function blankPlainLine(): PlainLine {
  return {
    startUs: 0,
    durationUs: -1,
    status: 0,
    bytes: -1,
    cacheWord: null,
    module: null,
    moduleSlot: -1,
    moduleEndpoint: null,
    traceId: null,
    attemptCount: 0,
    attempts: [],
  };
}

/** An attempt of which nothing is known yet. */
export function blankPlainAttempt(): PlainAttempt {
  return { upstream: null, endpoint: "", endpointSlot: -1, status: 0, durationUs: -1 };
}
