import type { SloAnswer } from "#lib/contract/slos.ts";
import { previousWindows } from "#lib/core/calendar.ts";
import { budgetOf } from "#lib/core/slo.ts";
import type { Database } from "#lib/db/open.ts";
import { countedMs, querySloEvents } from "#lib/query/slo-events.ts";

import { eventsIn, keptFrom, questionOf, stretchOf, type SloPlace } from "./standing.ts";

const periodsShown = 6;
const hourMs = 3_600_000;

/** How the periods before stood: calendar periods of the objective, or months in UTC where its window rolls. */
export async function readHistory(db: Database, place: SloPlace): Promise<SloAnswer["history"]> {
  const { definition } = place.slo;
  const { window } = definition;
  const [unit, zone] =
    window.kind === "calendar" ? [window.unit, window.zone] : (["month", "UTC"] as const);
  const history: SloAnswer["history"] = [];
  for (const period of previousWindows(place.watermarkMs, unit, zone, periodsShown)) {
    if (keptFrom(place, period.fromMs) > period.fromMs + hourMs) break;
    const question = questionOf(place, period);
    const stretches = await querySloEvents(db, question, historyStretch(place));
    if (stretches.length === 0) break;
    const elapsedMs = countedMs(question);
    const { events } = eventsIn(definition, stretches, { elapsedMs, periodMs: elapsedMs });
    history.push({
      from: new Date(period.fromMs).toISOString(),
      to: new Date(period.toMs).toISOString(),
      total: events.total,
      bad: events.bad,
      remaining: budgetOf(definition.objectivePpm, events).remaining,
    });
  }
  return history;
}

function historyStretch({ slo }: SloPlace): number {
  return slo.definition.budgeting.kind === "timeslices" ? stretchOf(slo.definition) : 86_400;
}
