import type { Scan } from "./combined.ts";
import { listEnd } from "./list.ts";
import { isList, isNumber, slotOf, type Values } from "./variables.ts";

/** A `log_format` made ready to read lines. */
export interface LogFormat {
  /** Whether its lines are JSON; `keys` then says which slot each key fills. */
  readonly isJson: boolean;
  readonly keys: ReadonlyMap<string, number>;
  readonly scan: (line: string, values: Values) => Scan;
}

/**
 * Compiles nginx's `log_format`: the bare format, or the directive with its name, `escape=` and quoted pieces.
 * Returns a sentence when it can not be compiled.
 */
export function compiledLogFormat(directive: string): LogFormat | string {
  const format = formatOf(directive);
  const steps = stepsOf(format);
  if (typeof steps === "string") return steps;
  const prefix = format.slice(0, format.indexOf("$"));
  return {
    isJson: /^\s*\{/.test(format),
    keys: jsonKeys(format),
    scan: (line, values) => scanWith(steps, prefix, line, values),
  };
}

/** One variable and the text that follows it. */
interface Step {
  readonly name: string;
  readonly slot: number | null;
  readonly isList: boolean;
  readonly isNumber: boolean;
  readonly after: string;
}

const variable = /\$(?:\{(?<braced>\w+)\}|(?<bare>\w+))/g;

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

function stepsOf(format: string): Step[] | string {
  const found = [...format.matchAll(variable)];
  if (found.length === 0)
    return "The log_format has no variable: expected text such as '$remote_addr [$time_local] \"$request\" $status'.";
  const steps = found.map((match, place): Step => {
    const name = match.groups?.["braced"] ?? match.groups?.["bare"] ?? "";
    const next = found[place + 1]?.index ?? format.length;
    return {
      name,
      slot: slotOf(name),
      isList: isList(name),
      isNumber: isNumber(name),
      after: format.slice(match.index + match[0].length, next),
    };
  });
  const joined = steps.find(
    (step, place) =>
      step.after === "" && place < steps.length - 1 && !endsByItself(step, steps[place + 1]),
  );
  return joined === undefined
    ? steps
    : `The log_format has no text after $${joined.name}, so nobody can tell where its value ends.`;
}

/** `$uri$is_args$args` and `$host$request_uri` can be told apart by a `?` and a `/`. */
function endsByItself(step: Step, next: Step | undefined): boolean {
  return step.name === "is_args" || (next !== undefined && separatorBefore(next.name) !== null);
}

function separatorBefore(name: string): string | null {
  if (name === "is_args") return "?";
  return ["request_uri", "uri", "document_uri"].includes(name) ? "/" : null;
}

/** Tries that one line may cost, as a format with free text between spaces can be read in many ways. */
const triesMax = 2_000;

function scanWith(steps: readonly Step[], prefix: string, line: string, values: Values): Scan {
  if (!line.startsWith(prefix))
    return { refusal: `The log_format wants the line to begin with ${JSON.stringify(prefix)}.` };
  const matcher: Matcher = { steps, line, values, isStrict: true, tries: 0, furthest: 0, end: 0 };
  if (!matches(matcher, 0, prefix.length) && !matchesLoosely(matcher, prefix.length)) {
    return { refusal: refusalOf(matcher) };
  }
  return {
    isEscaped: true,
    unread: matcher.end < line.length ? line.slice(matcher.end).trim() : null,
  };
}

interface Matcher {
  readonly steps: readonly Step[];
  readonly line: string;
  readonly values: Values;
  /** Whether the line must end where the format does. */
  isStrict: boolean;
  tries: number;
  /** The step that the best try came to. */
  furthest: number;
  end: number;
}

function refusalOf({ steps, furthest }: Matcher): string {
  const step = steps[furthest];
  return `The line does not fit the log_format: no value could be read for $${step?.name ?? ""}.`;
}

/** Whether the line fits the steps from `place` on; sets their values, the last step's first. */
function matches(matcher: Matcher, place: number, from: number): boolean {
  const { steps, line, values } = matcher;
  const step = steps[place];
  if (step === undefined) {
    matcher.end = from;
    return !matcher.isStrict || from >= line.length;
  }
  if (place > matcher.furthest) matcher.furthest = place;
  let end = firstEnd(step, steps[place + 1], line, from);
  while (end >= 0 && matcher.tries < triesMax) {
    matcher.tries += 1;
    if (isFit(step, line, from, end) && matches(matcher, place + 1, end + step.after.length)) {
      if (step.slot !== null) values[step.slot] = line.slice(from, end);
      return true;
    }
    end = nextEnd(step, line, end);
  }
  return false;
}

/** Operators append to a format and forget to tell: then what is left over is left unread. */
function matchesLoosely(matcher: Matcher, from: number): boolean {
  matcher.isStrict = false;
  matcher.tries = 0;
  return matches(matcher, 0, from);
}

function firstEnd(step: Step, next: Step | undefined, line: string, from: number): number {
  if (next === undefined) return lastEnd(step, line, from);
  if (step.after === "") return joinedEnd(step, next, line, from);
  if (!step.isList || step.after[0] !== " ") return line.indexOf(step.after, from);
  const end = listEnd(line, from);
  return line.startsWith(step.after, end) ? end : -1;
}

/** The last value reaches to the end of the line, or to its closing text there; a number or list to its own end. */
function lastEnd(step: Step, line: string, from: number): number {
  if (step.after === "" && (step.isNumber || step.isList)) return listEnd(line, from);
  if (!line.endsWith(step.after)) return line.indexOf(step.after, from);
  const end = line.length - step.after.length;
  return end < from ? -1 : end;
}

function joinedEnd(step: Step, next: Step, line: string, from: number): number {
  if (step.name === "is_args") return line[from] === "?" ? from + 1 : from;
  const end = line.indexOf(separatorBefore(next.name) ?? "", from);
  const space = line.indexOf(" ", from);
  return end < 0 || (space >= 0 && space < end) ? (space < 0 ? line.length : space) : end;
}

function nextEnd(step: Step, line: string, end: number): number {
  return step.isNumber || step.isList || step.after === "" ? -1 : line.indexOf(step.after, end + 1);
}

function isFit(step: Step, line: string, from: number, end: number): boolean {
  if (!step.isNumber) return true;
  for (let at = from; at < end; at += 1) {
    const code = line.charCodeAt(at);
    const isDigit = code >= 48 && code <= 57;
    if (!isDigit && code !== 45 && (code !== 46 || step.name === "status")) return false;
  }
  return true;
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
