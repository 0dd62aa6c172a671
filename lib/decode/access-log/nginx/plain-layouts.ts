import { PlainLayout, type PlainKind, type PlainValue } from "../plain-layout.ts";
import type { Template } from "../template.ts";
import { keySlot } from "./json.ts";
import { slotCount, slotOf, slots } from "./variables.ts";

// Each layout is that of a line which was read as text. Null where another line that fits it might be read otherwise.

/** The layout of a combined line and of what was appended to it. */
export function combinedLayout(line: string): PlainLayout | null {
  const head = combinedHead.exec(line);
  if (head === null) return null;
  const tail = tailOf(line, head[0].length);
  if (tail === null) return null;
  return PlainLayout.of([...headValues, ...tail.values], tail.ending, slotCount);
}

const combinedHead =
  /^[^\s"[]+ - [^\s"[]+ \[\d\d\/[A-Z][a-z]{2}\/\d{4}:[^\]"]{14}\] "[^"\\]*" \d+ [\d-]+(?= |$)/;

const headValues: readonly PlainValue[] = [
  { before: "", kind: "word", slot: null },
  { before: " - ", kind: "word", slot: null },
  { before: " [", kind: "text", slot: slots.time_local },
  { before: '] "', kind: "text", slot: slots.request },
  { before: '" ', kind: "status", slot: slots.status },
  { before: " ", kind: "number", slot: slots.body_bytes_sent },
];

/** A quoted value, `key=value`, `key="value"` or a word, with one blank in front. */
const tailToken =
  / (?:"[^"\\]*"|(?<key>[^\s"[=]+=)(?:(?<quote>")[^"\\]*"|[^\s",]?[^\s,]*)|(?<word>[^\s"[=:,][^\s=,]*))(?= |$)/y;

const secondsSlots = [slots.request_time, slots.upstream_response_time] as const;

interface Tail {
  readonly values: readonly PlainValue[];
  readonly ending: string;
}

function tailOf(line: string, from: number): Tail | null {
  const values: PlainValue[] = [];
  let ending = "";
  let seconds = 0;
  for (let at = from; at < line.length; at = tailToken.lastIndex) {
    tailToken.lastIndex = at;
    const found = tailToken.exec(line);
    if (found === null) return null;
    const token = tokenOf(found.groups ?? {}, seconds);
    if (token === null) return null;
    if (token.kind === "seconds") seconds += 1;
    values.push({ before: ending + token.before, kind: token.kind, slot: token.slot });
    ending = token.before.endsWith('"') ? '"' : "";
  }
  return { values, ending };
}

type Groups = Readonly<Partial<Record<string, string>>>;

function tokenOf({ key, quote = "", word }: Groups, seconds: number): PlainValue | null {
  if (key !== undefined) {
    const kind = quote === "" ? "pair" : "text";
    return { before: ` ${key}${quote}`, kind, slot: slotOf(key.slice(0, -1)) };
  }
  if (word === undefined) return { before: ' "', kind: "text", slot: null };
  if (!/^\d+\.\d{3}$/.test(word)) return { before: " ", kind: "token", slot: null };
  const slot = secondsSlots[seconds];
  return slot === undefined ? null : { before: " ", kind: "seconds", slot };
}

/** The layout of a JSON line whose members are strings, numbers, true, false and null. */
export function jsonLayout(line: string, keys: ReadonlyMap<string, number>): PlainLayout | null {
  const found = wholeObject.test(line) ? [...line.matchAll(member)] : [];
  const names = found.map(({ groups }) => groups?.["key"] ?? "");
  // JSON.parse moves keys that are numbers, and lets the last of two that are the same win.
  const isStrange = names.some((key) => /^\d+$/.test(key) || key === "__proto__");
  if (found.length === 0 || isStrange || new Set(names).size < names.length) return null;
  const slotsOf = firstSlots(names.map((key) => keySlot("", key, keys)));
  let before = "{";
  const values = found.map(({ groups }, place): PlainValue => {
    const quote = groups?.["bare"] === undefined ? '"' : "";
    const value = {
      before: before + (groups?.["lead"] ?? "") + quote,
      slot: slotsOf[place] ?? null,
    };
    before = quote + (groups?.["next"] ?? "");
    return { ...value, kind: quote === "" ? "json" : "text" };
  });
  return PlainLayout.of(values, before, slotCount);
}

/** A member and what stands behind it. */
const member = /(?<lead>\s*"(?<key>[^"\\]*)"\s*:\s*)(?:"[^"\\]*"|(?<bare>[\w.-]+))(?<next>[,}])/g;
const wholeObject =
  /^\{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[\w.-]+),)*\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[\w.-]+)\}$/;

/** Of several members that say the same the first counts. */
function firstSlots(all: readonly (number | null)[]): (number | null)[] {
  return all.map((slot, place) => (all.indexOf(slot) === place ? slot : null));
}

/** The layout of the lines of a `log_format`. */
export function templateLayout({ prefix, steps }: Template): PlainLayout | null {
  let before = prefix;
  const values = steps.map((step, place): PlainValue => {
    const isLast = place === steps.length - 1;
    const value = { before, kind: kindOf(step, isLast), slot: step.slot };
    before = step.after;
    return value;
  });
  return PlainLayout.of(values, before, slotCount);
}

function kindOf({ kind, after }: Template["steps"][number], isLast: boolean): PlainKind {
  if (kind === "number" || kind === "status") return kind;
  const endsAtBlank = after.startsWith(" ") || (isLast && after === "");
  return kind === "list" && endsAtBlank ? "list" : "text";
}
