/** One line of a page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May be no finite number, as in the bound of the last bucket's label or a quantile of nothing. */
  readonly value: number;
  /** Epoch microseconds, where the line says it. */
  readonly atUs: number | null;
}

const nameLengthMax = 300;
const labelsMax = 64;
const textLengthMax = 400;

const head = /^([a-zA-Z_:][\w:.]*)\s*/;
const label = /\s*([a-zA-Z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|\})/y;
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const special = new Map([
  ["+inf", Infinity],
  ["inf", Infinity],
  ["-inf", -Infinity],
  ["nan", Number.NaN],
]);

/** The sample that a line writes, or the kind of reason why it is none. */
export function sampleOf(line: string, openMetrics: boolean): Sample | "syntax" | "labels" {
  const [whole = "", name = ""] = head.exec(line) ?? [];
  if (name === "" || name.length > nameLengthMax) return "syntax";
  const read = line[whole.length] === "{" ? labelsOf(line, whole.length + 1) : noLabels(whole);
  if (typeof read === "string") return read;
  const numbers = numbersOf(line.slice(read.end), openMetrics ? 1e6 : 1e3);
  return numbers === null ? "syntax" : { name, labels: read.labels, ...numbers };
}

/** A value and perhaps a time; behind a number sign stands an exemplar. */
function numbersOf(text: string, perUnit: number): Pick<Sample, "value" | "atUs"> | null {
  const [rest = ""] = text.split("#", 1);
  const [first = "", time, ...more] = rest.trim().split(/\s+/);
  const value = numberOf(first);
  if (value === null || more.length > 0) return null;
  if (time === undefined) return { value, atUs: null };
  const atUs = Math.round((numberOf(time) ?? Number.NaN) * perUnit);
  return Number.isSafeInteger(atUs) ? { value, atUs } : null;
}

interface ReadLabels {
  readonly labels: Readonly<Record<string, string>>;
  readonly end: number;
}

function noLabels(whole: string): ReadLabels {
  return { labels: {}, end: whole.length };
}

function labelsOf(line: string, start: number): ReadLabels | "syntax" | "labels" {
  const labels = new Map<string, string>();
  label.lastIndex = start;
  for (;;) {
    const from = label.lastIndex;
    const found = label.exec(line);
    if (found === null) return endOf(line, from, labels);
    const [, key = "", text = "", mark] = found;
    labels.set(key, unescaped(text).slice(0, textLengthMax).replaceAll("\0", "").toWellFormed());
    if (labels.size > labelsMax) return "labels";
    if (mark === "}") return { labels: Object.fromEntries(labels), end: label.lastIndex };
  }
}

/** A list of labels may be empty, or end with a comma. */
function endOf(
  line: string,
  from: number,
  labels: ReadonlyMap<string, string>,
): ReadLabels | "syntax" {
  const rest = /^\s*\}/.exec(line.slice(from, from + 20));
  return rest === null
    ? "syntax"
    : { labels: Object.fromEntries(labels), end: from + rest[0].length };
}

function unescaped(text: string): string {
  return text.includes("\\")
    ? text.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char))
    : text;
}

function numberOf(text: string): number | null {
  return special.get(text.toLowerCase()) ?? (number.test(text) ? Number(text) : null);
}
