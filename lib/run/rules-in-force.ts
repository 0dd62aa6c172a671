import { ruleDefinition } from "#lib/contract/rules.ts";
import type { RuleDefinition, RuleOrigin } from "#lib/core/rule.ts";
import type { Database } from "#lib/db/open.ts";
import { readyMadeRules } from "#lib/rules/ready-made.ts";
import { loadRules, type StoredRule } from "#lib/store/rules.ts";

/** A rule with where it comes from; `definition` is null where what is stored cannot be read. */
export interface RuleInForce {
  readonly key: string;
  readonly origin: Exclude<RuleOrigin, "slo">;
  readonly file: string | null;
  readonly enabled: boolean;
  readonly changed: boolean;
  readonly definition: RuleDefinition | null;
}

/** All rules: the ready-made ones, as somebody changed them, and those that were written here or in files. */
export async function rulesInForce(db: Database, project: number): Promise<RuleInForce[]> {
  const stored = await loadRules(db, project);
  const changed = new Map(
    stored.filter(({ origin }) => origin === "ready-made").map((rule) => [rule.key, rule]),
  );
  const readyMade = readyMadeRules.map(({ key, definition }): RuleInForce => {
    const rule = changed.get(key);
    if (rule !== undefined) return inForce(rule);
    const untouched = { origin: "ready-made", file: null, enabled: true, changed: false } as const;
    return { key, definition, ...untouched };
  });
  return [...readyMade, ...stored.filter(({ origin }) => origin !== "ready-made").map(inForce)];
}

function inForce({ key, origin, file, enabled, definition }: StoredRule): RuleInForce {
  const parsed = ruleDefinition.safeParse(definition);
  return {
    key,
    origin,
    file,
    enabled,
    changed: origin === "ready-made",
    definition: parsed.success ? parsed.data : null,
  };
}
