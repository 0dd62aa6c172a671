import { MalformedPayload } from "../malformed.ts";

export type LokiLabels = ReadonlyMap<string, string>;

/** One of `name="value"`, its value in Go's quotes or in backquotes. */
const label = /\s*([a-zA-Z_][\w]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)\s*(,|$)/y;
/** Far above what Loki itself takes, and below what a regular expression cannot read. */
const lengthMax = 65_536;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** The labels of a stream as Loki's clients write them: `{job="nginx", host="edge-1"}`. */
export function labelsOf(text: string): LokiLabels {
  if (text.length > lengthMax) {
    throw new MalformedPayload(`A stream's labels are longer than ${lengthMax} characters.`);
  }
  const trimmed = text.trim();
  const labels = new Map<string, string>();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) throw malformed(text);
  const inner = trimmed.slice(1, -1);
  label.lastIndex = 0;
  while (label.lastIndex < inner.length && inner.slice(label.lastIndex).trim() !== "") {
    const found = label.exec(inner);
    if (found === null) throw malformed(text);
    const [, name = "", quoted, raw = ""] = found;
    labels.set(name, quoted === undefined ? raw : unescaped(quoted));
  }
  return labels;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|(.))/gi, (_, hex, unicode, one: string) => {
    const code: unknown = hex ?? unicode;
    return typeof code === "string"
      ? String.fromCharCode(Number.parseInt(code, 16))
      : (escapes[one] ?? one);
  });
}

function malformed(text: string): MalformedPayload {
  return new MalformedPayload(
    `A stream's labels are ${JSON.stringify(text.slice(0, 200))}: expected {name="value", ...}.`,
  );
}
