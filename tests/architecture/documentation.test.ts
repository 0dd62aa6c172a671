import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect, it } from "vitest";

const checkout = join(import.meta.dirname, "../..");
const documents = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: checkout })];

/** Headings as links name them: lower case, hyphens for blanks, without punctuation. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm);
  return new Set([...headings].map(([, heading = ""]) => anchorOf(heading)));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function brokenLinks(document: string): string[] {
  const from = join(checkout, document);
  const links = readFileSync(from, "utf8").matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  return [...links].flatMap(([link, path = "", anchor]) => {
    const target = path === "" ? from : join(dirname(from), path);
    const leads = existsSync(target) && (anchor === undefined || anchorsOf(target).has(anchor));
    return leads ? [] : [link];
  });
}

it.each(documents)("the links of %s lead somewhere", (document) => {
  expect(brokenLinks(document)).toEqual([]);
});

it("the README's table of sources leads to a section for each", () => {
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  const rows = readme.split("\n").filter((line) => /^\| .* \| .*\]\(docs\/.*#.*\|$/.test(line));
  expect(rows.length).toBeGreaterThan(15);
});
