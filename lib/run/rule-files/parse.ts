import {
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from "yaml";
import { z } from "zod";

import { key, ruleDefinition } from "#lib/contract/rules.ts";
import { noDataPolicies } from "#lib/core/alert.ts";
import { secondsOf } from "#lib/core/duration.ts";
import { ruleSubjects } from "#lib/core/rule.ts";
import { compileRule } from "#lib/rules/compiled-rule.ts";
import type { FileRule } from "#lib/store/rule-files.ts";

/** Why a file is refused, and on which line. */
export interface FileProblem {
  readonly line: number;
  readonly problem: string;
}

const duration = z.string().transform((text, context): number => {
  const seconds = secondsOf(text);
  if (seconds !== null) return seconds;
  context.addIssue({ code: "custom", message: "a duration such as 30s, 5m or 1h30m" });
  return z.NEVER;
});

/** A rule as it stands in a file: the words of the API, written as YAML writes them. */
const fileRule = z.strictObject({
  key,
  name: z.string(),
  description: z.string().optional(),
  per: z.enum(ruleSubjects),
  proxy: z.string().nullable().optional(),
  upstream: z.string().nullable().optional(),
  when: z.string(),
  recover_when: z.string().nullable().optional(),
  for: duration.optional(),
  keep_firing_for: duration.optional(),
  on_no_data: z.enum(noDataPolicies).optional(),
  min_requests: z.int().optional(),
  severity: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  runbook_url: z.string().nullable().optional(),
  enabled: z.boolean().default(true),
});

const ruleFile = z.strictObject({ rules: z.array(fileRule).max(1_000) });

/** The rules of a file, or why none of it is taken. */
export function parseRuleFile(text: string): readonly FileRule[] | FileProblem {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "core", lineCounter: lines, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const [sentence = broken.message] = broken.message.split(" at line");
    return { line: lines.linePos(broken.pos[0]).line, problem: `This is no YAML: ${sentence}.` };
  }
  const place = new Places(document, lines);
  const parsed = ruleFile.safeParse(plainOf(document));
  if (!parsed.success) return place.problemOf(parsed.error);
  const rules: FileRule[] = [];
  for (const [at, written] of parsed.data.rules.entries()) {
    const rule = definitionOf(written, rules, place, at);
    if ("problem" in rule) return rule;
    rules.push(rule);
  }
  return rules;
}

function plainOf(document: Document): unknown {
  try {
    // A few aliases are a convenience; thousands of them are an attack.
    return document.toJS({ maxAliasCount: 10 });
  } catch {
    return null;
  }
}

function definitionOf(
  written: z.infer<typeof fileRule>,
  before: readonly FileRule[],
  place: Places,
  at: number,
): FileRule | FileProblem {
  if (before.some((rule) => rule.key === written.key)) {
    return place.problemAt(["rules", at, "key"], `the key ${written.key} stands here twice`);
  }
  const {
    for: wait,
    keep_firing_for,
    recover_when,
    on_no_data,
    min_requests,
    runbook_url,
  } = written;
  const parsed = ruleDefinition.safeParse({
    ...written,
    forSeconds: wait,
    keepFiringForSeconds: keep_firing_for,
    recoverWhen: recover_when,
    onNoData: on_no_data,
    minRequests: min_requests,
    runbookUrl: runbook_url,
  });
  if (!parsed.success) return place.problemOf(parsed.error, ["rules", at]);
  const rule = compileRule(written.key, parsed.data);
  if ("message" in rule) {
    const field = rule.field === "when" ? "when" : "recover_when";
    return place.problemAt(["rules", at, field], `column ${rule.from + 1} of it: ${rule.message}`);
  }
  return { key: written.key, enabled: written.enabled, definition: parsed.data };
}

type Path = readonly PropertyKey[];

/** Finds the lines of a document. */
class Places {
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  problemOf(error: z.ZodError, under: Path = []): FileProblem {
    const [issue] = error.issues;
    if (issue === undefined) return { line: 1, problem: "The file cannot be read." };
    const unknown = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
    return this.problemAt([...under, ...issue.path, ...unknown], issue.message);
  }

  problemAt(path: Path, message: string): FileProblem {
    const field = path.findLast((part) => typeof part === "string");
    const start = field === undefined ? "" : `\`${field}\`: `;
    return { line: this.#lineOf(path), problem: `${start}${message.replace(/\.$/, "")}.` };
  }

  /** The line of what the path leads to, or of the nearest thing around it. */
  #lineOf(path: Path): number {
    let node: unknown = this.#document.contents;
    let offset = 0;
    for (const part of path) {
      const next = childOf(node, part);
      if (next === null) break;
      offset = next.offset;
      node = next.node;
    }
    return this.#lines.linePos(offset).line;
  }
}

interface Child {
  readonly node: unknown;
  readonly offset: number;
}

function childOf(node: unknown, part: PropertyKey): Child | null {
  if (isMap(node)) return fieldOf(node, part);
  const found: unknown = typeof part === "number" && isItems(node) ? node.items[part] : undefined;
  return isNode(found) ? { node: found, offset: found.range?.[0] ?? 0 } : null;
}

function fieldOf(map: YAMLMap, name: PropertyKey): Child | null {
  const pair = map.items.find((one) => isScalar(one.key) && one.key.value === name);
  if (pair === undefined || !isScalar(pair.key)) return null;
  return { node: pair.value, offset: pair.key.range?.[0] ?? 0 };
}

function isItems(node: unknown): node is { readonly items: readonly unknown[] } {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}
