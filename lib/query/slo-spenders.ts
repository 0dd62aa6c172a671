import type { SloSpender } from "#lib/contract/slos.ts";
import type { Source } from "#lib/core/exchange.ts";
import { without } from "#lib/core/intervals.ts";
import { eventsOf } from "#lib/core/slo-events.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import type { SloQuestion } from "./slo-events.ts";
import { most } from "./slo-spenders/most.ts";
import { querySingleSpenders } from "./slo-spenders/single-records.ts";

/** What spent a budget. */
export interface Spenders {
  readonly spenders: readonly SloSpender[];
  /** From when on single records were looked at, which tell of modules and error types; null where none were. */
  readonly recordsFromMs: number | null;
  /** Stored rows of single records that could not be read. */
  readonly unreadable: number;
}

/** What spent the budget of an objective within a window: its bad events by who and what they belong to, most first. */
export async function querySloSpenders(db: Database, question: SloQuestion): Promise<Spenders> {
  const { project, definition, prefixId } = question;
  const { upstream, endpoint, module } = definition;
  const { rows, sourceOf } = await readSums(db, question);
  const nameOf = await namesOf(
    db,
    project,
    rows.flatMap((row) => [row.proxyId, row.upstreamId]),
  );
  const leftOut = new LeftOut();
  const single = await querySingleSpenders(db, question, sourceOf, leftOut);
  const attempts = rows.filter(({ subject }) => subject === "attempt");
  const exchanges = rows
    .filter((row) =>
      module === null
        ? row.subject === "exchange"
        : row.subject === "module" && row.peerId === prefixId,
    )
    .filter((row) => endpoint === null || row.detail === endpoint);
  const counted = upstream === null ? exchanges : attempts;
  const badOf = (row: RollupRow): number => eventsOf(definition, row).bad;
  // Sums of attempts know neither endpoint nor module.
  const ofUpstreams =
    endpoint === null && module === null
      ? most("upstream", attempts, (row) => [[nameOf(row.upstreamId), badOf(row)]])
      : single.spenders.filter(({ kind }) => kind === "upstream");
  return {
    recordsFromMs: single.fromMs,
    unreadable: leftOut.rows,
    spenders: [
      ...most("proxy", counted, (row) => [[nameOf(row.proxyId), badOf(row)]]),
      ...ofUpstreams,
      ...single.spenders.filter(({ kind }) => kind === "module"),
      ...(upstream === null
        ? most("endpoint", exchanges, (row) => [[row.detail || "other", badOf(row)]])
        : []),
      ...single.spenders.filter(({ kind }) => kind === "errorType"),
      ...(definition.indicator === "availability" ? most("status", counted, badStatuses) : []),
    ],
  };
}

async function readSums(db: Database, question: SloQuestion) {
  const { project, window, excluded, keep, definition } = question;
  const { proxy, upstream } = definition;
  const scope = { project, keep, proxy: proxy ?? undefined, upstream: upstream ?? undefined };
  const rows: RollupRow[] = [];
  const sourceOf = new Map<number, Source>();
  for (const part of without(window, excluded, 60)) {
    const subjects = ["exchange", "attempt", "module"] as const;
    const found = await readCounted(db, { ...scope, window: part }, { subjects });
    rows.push(...found.rows);
    for (const [proxyId, source] of found.sourceOf) sourceOf.set(proxyId, source);
  }
  return { rows, sourceOf };
}

function badStatuses({ statuses }: RollupRow): [string, number][] {
  return [...statuses]
    .filter(([status]) => status === 0 || status === 429 || status >= 500)
    .map(([status, count]) => [`${status}`, count]);
}
