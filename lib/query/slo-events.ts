import type { Step, Window } from "#lib/core/bucket.ts";
import { steps } from "#lib/core/bucket.ts";
import { lengthMs, without } from "#lib/core/intervals.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { SloDefinition } from "#lib/core/slo-definition.ts";
import { eventsOf } from "#lib/core/slo-events.ts";
import { sumOfEvents, type Events } from "#lib/core/slo.ts";
import type { Subject } from "#lib/core/sums.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";

export interface SloQuestion {
  readonly project: number;
  readonly definition: SloDefinition;
  /** The number under which the modules of the definition are summed; null where it names none. */
  readonly prefixId: number | null;
  readonly window: Window;
  /** Stretches that do not count. */
  readonly excluded: readonly Window[];
  readonly keep: KeepMs | undefined;
}

/** The events of one stretch of time, from its start. */
export interface EventStretch extends Events {
  readonly startMs: number;
}

/** The events of a window by stretches of the given width in seconds, those without records left out; oldest first. */
export async function querySloEvents(
  db: Database,
  question: SloQuestion,
  stretchSeconds: number,
): Promise<EventStretch[]> {
  const parts = without(question.window, question.excluded, 60);
  const stretches = new Map<number, Events>();
  for (const part of parts) {
    for (const row of await rowsOf(db, question, part, stretchSeconds)) {
      const before = stretches.get(row.bucketMs) ?? { total: 0, bad: 0 };
      stretches.set(row.bucketMs, sumOfEvents([before, eventsOf(question.definition, row)]));
    }
  }
  return [...stretches]
    .map(([startMs, events]) => ({ startMs, ...events }))
    .toSorted((a, b) => a.startMs - b.startMs);
}

/** How much of a window counts, in milliseconds. */
export function countedMs({ window, excluded }: Pick<SloQuestion, "window" | "excluded">): number {
  return lengthMs(without(window, excluded, 60));
}

/**
 * The events of a window's hours, whatever endpoint or module they are of: they tell whether telemetry came in.
 * That nobody asked for a module at night is no gap in what was observed.
 */
export function querySloHours(db: Database, question: SloQuestion): Promise<EventStretch[]> {
  const { indicator: _indicator, ...rest } = question.definition;
  const definition = { ...rest, indicator: "freshness", endpoint: null, module: null } as const;
  return querySloEvents(db, { ...question, definition, prefixId: null }, 3_600);
}

async function rowsOf(
  db: Database,
  { project, definition, prefixId, keep }: SloQuestion,
  window: Window,
  stretch: number,
): Promise<RollupRow[]> {
  const { proxy, upstream, endpoint, indicator } = definition;
  const { rows } = await readCounted(
    db,
    { project, window, keep, proxy: proxy ?? undefined, upstream: upstream ?? undefined },
    {
      subjects: [subjectOf(definition)],
      peerId: prefixId ?? undefined,
      stretch,
      coarsest: coarsestWithin(stretch),
      countersOnly: indicator !== "latency",
    },
  );
  return rows.filter((row) => endpoint === null || row.detail === endpoint);
}

function subjectOf({ upstream, module }: SloDefinition): Subject {
  if (module !== null) return "module";
  return upstream === null ? "exchange" : "attempt";
}

function coarsestWithin(stretchSeconds: number): Step {
  return steps.findLast((step) => stretchSeconds % step === 0) ?? 10;
}
