import type { SloDefinition } from "#lib/core/slo-definition.ts";
import { allowedOf, million, type Events } from "#lib/core/slo.ts";

/** How the budget comes about, in words with the numbers in them. */
export function formulaOf(definition: SloDefinition, events: Events, budgetTotal: number): string {
  const { objectivePpm, window, budgeting } = definition;
  const unit = budgeting.kind === "timeslices" ? "slices" : "events";
  const share = percent(million - objectivePpm);
  const allowed = allowedOf(objectivePpm, budgetTotal);
  const ofWhat =
    window.kind === "calendar" && budgetTotal !== events.total
      ? `${number(budgetTotal)} ${unit} expected in the whole period (${number(events.total)} so far)`
      : `${number(budgetTotal)} ${unit}`;
  return `${percent(objectivePpm)} good allows ${share} of ${ofWhat} to be bad: ${number(allowed)}. ${number(events.bad)} were bad, so ${number(allowed - events.bad)} are left.`;
}

/** Exact, as parts per million have at most four decimals in percent. */
function percent(ppm: number): string {
  return `${Number((ppm / 10_000).toFixed(4))} %`;
}

function number(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 }).format(value);
}
