import { parseAllDocuments, stringify } from "yaml";
import type { z } from "zod";

import { key as sloKey } from "#lib/contract/rules.ts";
import { sloDefinition } from "#lib/contract/slos.ts";
import type { Database } from "#lib/db/open.ts";
import { upsertSlo } from "#lib/store/slos.ts";

import { CommandRefused } from "./command-refused.ts";
import { documentOf } from "./openslo/export.ts";
import { definitionOf } from "./openslo/import.ts";
import { openSlo } from "./openslo/schema.ts";
import { refuseTooManyModules } from "./save-slo.ts";
import { slosInForce } from "./slos-in-force.ts";

const documentsMax = 200;

/** All objectives as OpenSLO v1 documents in one YAML text. */
export async function exportOpenSlo(db: Database, project: number): Promise<string> {
  const slos = await slosInForce(db, project);
  return slos.map((slo) => stringify(documentOf(slo))).join("---\n");
}

/** Takes the objectives of OpenSLO v1 documents, all of them or none; those of the same name are replaced. Gives their keys. */
export async function importOpenSlo(
  db: Database,
  project: number,
  yaml: string,
): Promise<string[]> {
  const read = readOpenSlo(yaml);
  refuseTooManyModules(await slosInForce(db, project), read);
  for (const { key, definition } of read) await upsertSlo(db, project, key, definition);
  return read.map(({ key }) => key);
}

/** The objectives of OpenSLO v1 documents; throws a CommandRefused that names the document and the field. */
export function readOpenSlo(yaml: string) {
  const documents = parseAllDocuments(yaml, { schema: "core" });
  const parsed = "empty" in documents ? [] : documents;
  if (parsed.length > documentsMax) throw refused(`There are more than ${documentsMax} documents.`);
  const slos = parsed.flatMap((document, at) => {
    const place = `Document ${at + 1}`;
    const [broken] = document.errors;
    if (broken !== undefined)
      throw refused(`${place} is no YAML: ${broken.message.split("\n", 1)[0] ?? ""}`);
    const plain: unknown = document.toJS({ maxAliasCount: 10 });
    return isSlo(plain) ? [readOne(plain, place)] : [];
  });
  if (slos.length === 0) throw refused("There is no document with `kind: SLO` in it.");
  return slos;
}

function readOne(plain: unknown, place: string) {
  const document = openSlo.safeParse(plain);
  if (!document.success) throw refused(`${place}: ${sentenceOf(document.error)}`);
  const wanted = definitionOf(document.data);
  if (typeof wanted === "string") throw refused(`${place}: ${wanted}`);
  const definition = sloDefinition.safeParse(wanted);
  if (!definition.success) throw refused(`${place}: ${sentenceOf(definition.error)}`);
  const key = sloKey.safeParse(document.data.metadata.name);
  if (!key.success)
    throw refused(`${place}, \`metadata.name\`: ${key.error.issues[0]?.message ?? ""}.`);
  return { key: key.data, definition: definition.data };
}

/** Services, data sources and alert policies of others may stand beside; they say nothing here. */
function isSlo(plain: unknown): boolean {
  return typeof plain === "object" && plain !== null && "kind" in plain && plain.kind === "SLO";
}

function refused(sentence: string): CommandRefused {
  return new CommandRefused(400, sentence);
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined
    ? "it cannot be read."
    : `\`${issue.path.join(".")}\`: ${issue.message}.`;
}
