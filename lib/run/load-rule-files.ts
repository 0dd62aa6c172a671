import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Database } from "#lib/db/open.ts";
import {
  forgetRuleFiles,
  loadRuleFiles as storedRuleFiles,
  refuseRuleFile,
  storeRuleFile,
} from "#lib/store/rule-files.ts";
import { log } from "#lib/telemetry/log.ts";

import { parseRuleFile, type FileProblem } from "./rule-files/parse.ts";
import { rulesInForce } from "./rules-in-force.ts";

const fileBytesMax = 1_000_000;

/** What one look at the folder did. */
export interface RuleFilesResult {
  readonly loaded: readonly string[];
  readonly refused: readonly string[];
  readonly forgotten: readonly string[];
}

/**
 * Brings the rules of the YAML files of a folder in force, each file as a whole, when its content changed.
 * A file that cannot be taken is refused with the line and the reason, and what was last good of it stays in force.
 * A folder that is not there says nothing: another worker may have it.
 */
export async function loadRuleFiles(
  db: Database,
  project: number,
  folder: string,
): Promise<RuleFilesResult> {
  const names = await yamlFilesOf(folder);
  const result = { loaded: [] as string[], refused: [] as string[], forgotten: [] as string[] };
  if (names === null) return result;
  const known = new Map((await storedRuleFiles(db, project)).map((file) => [file.path, file]));
  for (const path of names) {
    const { digest, text } = await contentOf(join(folder, path));
    if (known.get(path)?.digest === digest) continue;
    const problem = await takeFile(db, project, { path, digest, text });
    (problem === null ? result.loaded : result.refused).push(path);
    if (problem !== null) log.warn({ path, ...problem }, "a file with rules was refused");
  }
  result.forgotten.push(...[...known.keys()].filter((path) => !names.includes(path)));
  await forgetRuleFiles(db, project, result.forgotten);
  return result;
}

async function yamlFilesOf(folder: string): Promise<string[] | null> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith(".")).toSorted();
  } catch {
    return null;
  }
}

interface Content {
  readonly digest: string;
  /** Null for a file that is too large to be one of rules. */
  readonly text: string | null;
}

async function contentOf(path: string): Promise<Content> {
  const { size } = await stat(path);
  if (size > fileBytesMax) return { digest: `${size} bytes`, text: null };
  const text = await readFile(path, "utf8");
  return { digest: createHash("sha256").update(text).digest("hex"), text };
}

async function takeFile(
  db: Database,
  project: number,
  { path, digest, text }: Content & { readonly path: string },
): Promise<FileProblem | null> {
  const rules =
    text === null ? { line: 1, problem: "The file is larger than 1 MB." } : parseRuleFile(text);
  const problem = "problem" in rules ? rules : await clashOf(db, project, path, rules);
  if (problem !== null) {
    await refuseRuleFile(db, project, { path, digest, ...problem });
    return problem;
  }
  if (!("problem" in rules)) await storeRuleFile(db, project, path, digest, rules);
  return null;
}

/** A key belongs to one rule: that of a page, of another file and of ours stay who they are. */
async function clashOf(
  db: Database,
  project: number,
  path: string,
  rules: readonly { readonly key: string }[],
): Promise<FileProblem | null> {
  const others = (await rulesInForce(db, project)).filter(({ file }) => file !== path);
  const clash = rules.find((rule) => others.some((other) => other.key === rule.key));
  if (clash === undefined) return null;
  return { line: 1, problem: `The key ${clash.key} belongs to another rule: choose another.` };
}
