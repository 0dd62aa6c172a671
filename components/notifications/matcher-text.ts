import type { Matcher } from "#lib/contract/silences.ts";

const one =
  /^\s*(?<name>[a-zA-Z_]\w*)\s*(?<operator>=~|!~|!=|=)\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^",\s]*))\s*(?:,|$)/;

/** Matchers as people write them: `severity="page", upstream=~"mirror.*"`. */
export function matchersText(matchers: readonly Matcher[]): string {
  return matchers
    .map(({ name, operator, value }) => `${name}${operator}${JSON.stringify(value)}`)
    .join(", ");
}

/** The matchers that a text means; null when it cannot be read. An empty text matches everything. */
export function matchersIn(text: string): Matcher[] | null {
  const matchers: Matcher[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const read = one.exec(rest);
    const operator = operatorOf(read?.groups?.["operator"]);
    if (read === null || operator === null) return null;
    const { name = "", quoted, plain = "" } = read.groups ?? {};
    const value = quoted === undefined ? plain : quoted.replaceAll(/\\(?<char>["\\])/g, "$<char>");
    matchers.push({ name, operator, value });
    rest = rest.slice(read[0].length).trim();
  }
  return matchers;
}

/** Labels as people write them: `severity="page", proxy="edge"`. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return matchersText(
    Object.entries(labels).map(([name, value]) => ({ name, operator: "=", value })),
  );
}

/** The labels that a text means; null when it cannot be read or says more than what labels are. */
export function labelsIn(text: string): Record<string, string> | null {
  const matchers = matchersIn(text);
  if (matchers === null || matchers.some(({ operator }) => operator !== "=")) return null;
  return Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
}

function operatorOf(text: string | undefined): Matcher["operator"] | null {
  const operators = ["=", "!=", "=~", "!~"] as const;
  return operators.find((operator) => operator === text) ?? null;
}
