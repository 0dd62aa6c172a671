import { listEnd } from "./list.ts";

/**
 * A proxy's description of its own lines, made ready to read them: text and variables by turns.
 * nginx, Apache, Varnish, HAProxy, Squid and Envoy differ only in how they write a variable.
 */
export interface Template {
  /** Text before the first variable. */
  readonly prefix: string;
  readonly steps: readonly Step[];
}

/**
 * What is known of a variable: where its value goes and what it may hold. `escaped` is text in which a backslash
 * stands before a quote, `bracketed` a value in brackets, `list` the attempts of nginx.
 */
export interface Variable {
  readonly name: string;
  /** Place among the values; null for a variable that nobody asks for. */
  readonly slot: number | null;
  readonly kind: "text" | "escaped" | "bracketed" | "number" | "status" | "list";
  /** The character that every value begins with, so that no text need stand before it; null for none. */
  readonly opensWith: string | null;
}

/** What a line said, by slot; `undefined` where the template has no such variable. */
export type TemplateValues = (string | undefined)[];

/** What the line held more than the template says; or why it does not fit. */
export type TemplateScan = { readonly unread: string | null } | { readonly refusal: string };

export interface Step extends Variable {
  /** Text between this variable and the next. */
  readonly after: string;
}

/**
 * Compiles a description; `variable` finds its variables, `known` tells what is known of each.
 * Returns a sentence when nobody could tell where a value ends.
 */
export function compiledTemplate(
  format: string,
  variable: RegExp,
  known: (match: RegExpMatchArray) => Variable,
): Template | string {
  const found = [...format.matchAll(variable)];
  const steps = found.map((match, place): Step => {
    const next = found[place + 1]?.index ?? format.length;
    return { ...known(match), after: format.slice((match.index ?? 0) + match[0].length, next) };
  });
  const open = steps.find((step, place) => isOpen(step, steps[place + 1]));
  if (open !== undefined) {
    return `The log format has no text after ${open.name}, so nobody can tell where its value ends.`;
  }
  return { prefix: format.slice(0, found[0]?.index ?? format.length), steps };
}

/** Reads a line by a template and sets the values of its variables. */
export function scanTemplate(
  template: Template,
  line: string,
  values: TemplateValues,
): TemplateScan {
  const { prefix, steps } = template;
  if (!line.startsWith(prefix)) {
    return { refusal: `The log format wants the line to begin with ${JSON.stringify(prefix)}.` };
  }
  const matcher: Matcher = { steps, line, values, isStrict: true, tries: 0, furthest: 0, end: 0 };
  const isHopeless = line.length > longLine && !hasTexts(template, line);
  if (
    isHopeless ||
    !(matches(matcher, 0, prefix.length) || matchesLoosely(matcher, prefix.length))
  ) {
    return { refusal: refusalOf(matcher) };
  }
  return { unread: matcher.end < line.length ? line.slice(matcher.end).trim() : null };
}

/** Tries that one line may cost, as a format with free text between spaces can be read in many ways. */
const triesMax = 500;

/** From here on a look for the texts of the template is cheaper than to try in vain. */
const longLine = 4_096;

/** Whether the texts between the variables occur in the line in their order. */
function hasTexts({ prefix, steps }: Template, line: string): boolean {
  let at = prefix.length;
  return steps.every(({ after }) => {
    const found = line.indexOf(after, at);
    at = found + after.length;
    return found >= 0;
  });
}

/** Optional values, such as nginx's `$is_args`, end by themselves: they are there or not. */
function isOpen(step: Step, next: Step | undefined): boolean {
  return (
    step.after === "" && next !== undefined && next.opensWith === null && step.opensWith !== "?"
  );
}

interface Matcher {
  readonly steps: readonly Step[];
  readonly line: string;
  readonly values: TemplateValues;
  /** Whether the line must end where the format does. */
  isStrict: boolean;
  tries: number;
  /** The step that the best try came to. */
  furthest: number;
  end: number;
}

function refusalOf({ steps, furthest }: Matcher): string {
  const step = steps[furthest];
  return `The line does not fit the log format: no value could be read for ${step?.name ?? "its end"}.`;
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
  matcher.tries = Math.floor(matcher.tries / 2);
  return matches(matcher, 0, from);
}

function firstEnd(step: Step, next: Step | undefined, line: string, from: number): number {
  if (next === undefined) return lastEnd(step, line, from);
  if (step.after === "") return joinedEnd(step, next, line, from);
  if (step.kind === "bracketed") return endBefore(step, line, line.indexOf("]", from) + 1);
  if (step.kind === "list" && step.after.startsWith(" "))
    return endBefore(step, line, listEnd(line, from));
  return textEnd(step, line, from);
}

function endBefore(step: Step, line: string, end: number): number {
  return end > 0 && line.startsWith(step.after, end) ? end : -1;
}

/** The next place of the text behind a value; a quote with a backslash before it is part of the value. */
function textEnd(step: Step, line: string, from: number): number {
  let end = line.indexOf(step.after, from);
  while (end > 0 && step.kind === "escaped" && isEscaped(line, end))
    end = line.indexOf(step.after, end + 1);
  return end;
}

function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line[at - 1 - backslashes] === "\\") backslashes += 1;
  return line[at] === '"' && backslashes % 2 === 1;
}

/** The last value reaches to the end of the line, or to its closing text there; a number or list to its own end. */
function lastEnd(step: Step, line: string, from: number): number {
  if (step.kind === "bracketed") return endBefore(step, line, line.indexOf("]", from) + 1);
  if (step.after === "" && !isText(step)) return listEnd(line, from);
  if (!line.endsWith(step.after)) return line.indexOf(step.after, from);
  const end = line.length - step.after.length;
  return end < from ? -1 : end;
}

/** The end of a value that nothing stands after but the next one's first character. */
function joinedEnd(step: Step, next: Step, line: string, from: number): number {
  if (step.opensWith === "?") return line[from] === "?" ? from + 1 : from;
  const space = line.indexOf(" ", from);
  const wordEnd = space < 0 ? line.length : space;
  const end = next.opensWith === null ? -1 : line.indexOf(next.opensWith, from);
  return end < 0 || end > wordEnd ? wordEnd : end;
}

function nextEnd(step: Step, line: string, end: number): number {
  return isText(step) && step.after !== "" ? textEnd(step, line, end + 1) : -1;
}

function isText(step: Step): boolean {
  return step.kind === "text" || step.kind === "escaped";
}

function isFit(step: Step, line: string, from: number, end: number): boolean {
  if (step.kind !== "number" && step.kind !== "status") return true;
  for (let at = from; at < end; at += 1) {
    const code = line.charCodeAt(at);
    const isDigit = code >= 48 && code <= 57;
    if (!isDigit && code !== 45 && (code !== 46 || step.kind === "status")) return false;
  }
  return true;
}
