import { sloDefinition } from "#lib/contract/slos.ts";
import type { SloDefinition } from "#lib/core/slo-definition.ts";
import { budgetStates, type BudgetState } from "#lib/core/slo.ts";
import type { Database } from "#lib/db/open.ts";
import { readyMadeSlos } from "#lib/rules/ready-made-slos.ts";
import { loadSlos, type StoredSlo } from "#lib/store/slos.ts";

/** An objective that is in force. */
export interface SloInForce {
  readonly key: string;
  readonly origin: "ready-made" | "own";
  readonly definition: SloDefinition;
  /** How it last stood. */
  readonly budgetState: BudgetState;
}

/** All objectives: the ready-made ones that nobody changed or deleted, and those that somebody wrote. */
export async function slosInForce(db: Database, project: number): Promise<SloInForce[]> {
  const stored = await loadSlos(db, project);
  const touched = new Set(stored.map(({ key }) => key));
  const readyMade = readyMadeSlos
    .filter(({ key }) => !touched.has(key))
    .map(({ key, definition }): SloInForce => {
      return { key, definition, origin: "ready-made", budgetState: "healthy" };
    });
  return [...readyMade, ...stored.flatMap(inForce)];
}

/** Nothing for one that was deleted, or that cannot be read. */
function inForce({ key, definition, budgetState }: StoredSlo): SloInForce[] {
  const parsed = sloDefinition.safeParse(definition);
  if (!parsed.success) return [];
  const state = budgetStates.find((name) => name === budgetState) ?? "healthy";
  return [{ key, origin: "own", definition: parsed.data, budgetState: state }];
}
