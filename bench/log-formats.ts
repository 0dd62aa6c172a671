import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { corpora } from "#tests/log-corpora.ts";
import { readLogs, understoodTables } from "#tests/understood-logs.ts";

/** Writes the tables of docs/log-formats.md: what is understood of real logs. `node bench/log-formats.ts` */
const document = new URL("../docs/log-formats.md", import.meta.url);
const begin = "<!-- begin: written by bench/log-formats.ts -->";
const end = "<!-- end -->";

if (!existsSync(corpora))
  throw new Error("The corpora are not here: the tables can only be written beside them.");

const text = readFileSync(document, "utf8");
const [before = "", rest = ""] = text.split(begin);
const after = rest.split(end)[1] ?? "";
writeFileSync(document, `${before}${begin}\n\n${understoodTables(readLogs())}\n\n${end}${after}`);
