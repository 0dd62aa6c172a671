import type { RuleDefinition } from "#lib/core/rule.ts";
import type { Database } from "#lib/db/open.ts";
import { compileRule } from "#lib/rules/compiled-rule.ts";
import { insertRule, deleteRule, upsertRule } from "#lib/store/rules.ts";

import { CommandRefused } from "./command-refused.ts";
import { rulesInForce, type RuleInForce } from "./rules-in-force.ts";

/** A rule as somebody wants it. */
export interface WantedRule {
  readonly definition: RuleDefinition;
  readonly enabled: boolean;
}

/** Keys that belong to rules of our own, or to other addresses beside the rules. */
const ownKeys = /^(?:slo-.*|cannot-evaluate|check|catalogue|preview)$/;

/** Adds a rule of one's own; it is evaluated from the next round on. */
export async function createRule(
  db: Database,
  project: number,
  key: string,
  { definition, enabled }: WantedRule,
): Promise<void> {
  refuseBroken(key, definition);
  const known = await rulesInForce(db, project);
  if (ownKeys.test(key) || known.some((rule) => rule.key === key)) {
    throw new CommandRefused(409, `The key ${key} is taken: choose another.`);
  }
  const stored = { key, origin: "own", file: null, enabled, definition } as const;
  if (!(await insertRule(db, project, stored))) {
    throw new CommandRefused(409, `The key ${key} is taken: choose another.`);
  }
}

/** Changes a rule, also a ready-made one; those of files are changed there. */
export async function changeRule(
  db: Database,
  project: number,
  key: string,
  { definition, enabled }: WantedRule,
): Promise<void> {
  const rule = await changeable(db, project, key);
  refuseBroken(key, definition);
  await upsertRule(db, project, { key, origin: rule.origin, file: null, enabled, definition });
}

/** Deletes a rule of one's own; a ready-made one goes back to its defaults. Its alerts are resolved with the reason. */
export async function removeRule(db: Database, project: number, key: string): Promise<void> {
  await changeable(db, project, key);
  await deleteRule(db, project, key);
}

async function changeable(db: Database, project: number, key: string): Promise<RuleInForce> {
  const rule = (await rulesInForce(db, project)).find((one) => one.key === key);
  if (rule === undefined) throw new CommandRefused(404, "There is no such rule.");
  if (rule.origin === "file") {
    throw new CommandRefused(409, `This rule stands in ${rule.file ?? "a file"}: change it there.`);
  }
  return rule;
}

function refuseBroken(key: string, definition: RuleDefinition): void {
  const rule = compileRule(key, definition);
  if (!("message" in rule)) return;
  throw new CommandRefused(400, `\`${rule.field}\`, column ${rule.from + 1}: ${rule.message}`);
}
