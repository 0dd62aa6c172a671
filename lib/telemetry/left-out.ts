import { storedKinds, type LeaveOut, type StoredKind } from "#lib/core/stored-kind.ts";

import { log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Rows of a kind that are told apart; where more are damaged, their number is no news. */
const knownMax = 1_000;

/** The stored rows that one question could not read: its answer lacks them, and says so. */
export class LeftOut {
  readonly #rows = new Set<string>();

  get rows(): number {
    return this.#rows.size;
  }

  /** Notes a row, here and for the operator, whom the log tells which one it is. */
  readonly add: LeaveOut = (kind, row, cause) => {
    this.#rows.add(`${kind} ${row}`);
    const known = foundIn(kind);
    if (known.has(row) || known.size >= knownMax) return;
    known.add(row);
    log.error({ err: cause, kind, row }, "a stored row cannot be read, and is left out of answers");
  };
}

/** Shows how many stored rows this process found damaged since it started. */
export function observeLeftOut(metrics: Metrics): void {
  const help = "Stored rows that cannot be read and are left out of answers, since the start.";
  for (const kind of storedKinds) {
    metrics.observe("viascope_unreadable_rows", help, () => foundIn(kind).size, { kind });
  }
}

/** The pages' code is bundled, so that modules exist in it a second time; the process is what both share. */
const shared: { [key: symbol]: Map<StoredKind, Set<string>> | undefined } = globalThis;
const key = Symbol.for("viascope.left-out");

function foundIn(kind: StoredKind): Set<string> {
  const found = (shared[key] ??= new Map());
  const rows = found.get(kind) ?? new Set<string>();
  found.set(kind, rows);
  return rows;
}
