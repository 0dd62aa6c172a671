import { compiledTemplate, scanTemplate, type Template, type Variable } from "../template.ts";
import type { Scan } from "./combined.ts";
import { isList, isNumber, slotOf, type Values } from "./variables.ts";

/** A `log_format` made ready to read lines. */
export interface LogFormat {
  /** Whether its lines are JSON; `keys` then says which slot each key fills. */
  readonly isJson: boolean;
  readonly keys: ReadonlyMap<string, number>;
  readonly scan: (line: string, values: Values) => Scan;
  readonly template: Template;
}

/**
 * Compiles nginx's `log_format`: the bare format, or the directive with its name, `escape=` and quoted pieces.
 * Returns a sentence when it can not be compiled.
 */
export function compiledLogFormat(directive: string): LogFormat | string {
  const format = formatOf(directive);
  const template = compiledTemplate(format, variable, knownVariable);
  if (typeof template === "string") return template;
  if (template.steps.length === 0) return noVariable;
  return {
    isJson: /^\s*\{/.test(format),
    keys: jsonKeys(format),
    scan: (line, values) => scanWith(template, line, values),
    template,
  };
}

const variable = /\$(?:\{(?<braced>\w+)\}|(?<bare>\w+))/g;
const noVariable =
  "The log_format has no variable: expected text such as '$remote_addr [$time_local] \"$request\" $status'.";

/** `log_format name escape=json 'a' 'b';` → `ab` */
function formatOf(directive: string): string {
  const body = directive.trim().replace(/^log_format\s+\S+\s+(?:escape=\w+\s+)?/, "");
  if (body === directive.trim()) return body;
  const pieces = [...body.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)];
  if (pieces.length === 0) return body.replace(/;$/, "");
  return pieces
    .map(([, single, double]) => (single ?? double ?? "").replaceAll(/\\(['"])/g, "$1"))
    .join("");
}

/** `$uri$is_args$args` and `$host$request_uri` can be told apart by a `?` and a `/`. */
const openings: Readonly<Record<string, string>> = {
  is_args: "?",
  request_uri: "/",
  uri: "/",
  document_uri: "/",
};

function knownVariable(match: RegExpMatchArray): Variable {
  const name = match.groups?.["braced"] ?? match.groups?.["bare"] ?? "";
  return {
    name: `$${name}`,
    slot: slotOf(name),
    kind: kindOf(name),
    opensWith: openings[name] ?? null,
  };
}

function kindOf(name: string): Variable["kind"] {
  if (name === "status") return "status";
  if (isList(name)) return "list";
  return isNumber(name) ? "number" : "text";
}

function scanWith(template: Template, line: string, values: Values): Scan {
  const scan = scanTemplate(template, line, values);
  return "refusal" in scan ? scan : { ...scan, isEscaped: true };
}

/** `"key": "$variable"` pairs of a JSON format. */
function jsonKeys(format: string): ReadonlyMap<string, number> {
  const keys = new Map<string, number>();
  for (const [, key = "", name = ""] of format.matchAll(
    /"([^"]+)"\s*:\s*"?\$\{?(\w+)\}?"?\s*[,}]/g,
  )) {
    const slot = slotOf(name);
    if (slot !== null) keys.set(key, slot);
  }
  return keys;
}
