import { readFileSync } from "node:fs";

const documents = ["docs/sources.md", "docs/sending.md", "docs/metrics.md"].map((file) =>
  readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8"),
);

/** The text of the snippet under a name, as the documentation has it; two snippets of one name are a mistake. */
export function documentedSnippet(name: string): string {
  const fence = new RegExp(`^\`\`\`\\w+ ${name}\\n([^]*?)^\`\`\``, "gm");
  const found = documents.flatMap((text) => [...text.matchAll(fence)].map(([, body]) => body));
  const [snippet] = found;
  if (snippet === undefined || found.length > 1) {
    throw new Error(`The documentation has ${found.length} snippets ${name}, but must have one.`);
  }
  return snippet;
}
