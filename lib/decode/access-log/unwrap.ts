import { criTextAt } from "./cri-text.ts";
import { isoTimeUs } from "./time.ts";

/**
 * The proxy's own line out of what a transport put around it: byte order mark, line end, terminal colors,
 * docker's JSON, CRI, compose, and syslog of RFC 3164 and 5424, ISO dated or as the journal prints it.
 * A line that nothing is around comes back as it is.
 */
export function unwrapped(line: string): string {
  // By single characters, which V8 looks for without leaving compiled code: every line is asked.
  let text = line.indexOf(escapeCharacter) >= 0 ? line.replaceAll(colors, "") : line;
  if (text.charCodeAt(text.length - 1) === carriageReturn) text = text.slice(0, -1);
  for (let layer = 0; layer < layersMax; layer += 1) {
    const inner = withoutOneLayer(text);
    if (inner === text) return text;
    text = inner;
  }
  return text;
}

/**
 * Where `unwrapped` finds the proxy's own line in the one that begins at a place: there, or behind what CRI writes before a
 * whole line; -1 where anything else may be around it. Does not look for colors and carriage returns.
 */
export function ownLineAt(bytes: Uint8Array, at: number): number {
  if (!mayBeWrapped(bytes, at)) return at;
  const inner = criTextAt(bytes, at);
  return inner < 0 || mayBeWrapped(bytes, inner) ? -1 : inner;
}

function mayBeWrapped(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at] ?? 0;
  if (first >= 48 && first <= 57) return bytes[at + 4] === dash;
  if (first === brace) return bytes[at + 2] === letterL && bytes[at + 3] === letterO;
  const lower = first | 32;
  return first === angle || first >= 128 || (lower >= 97 && lower <= 122);
}

/** When the transport says that it took the line, in epoch microseconds; null when it does not say. */
export function transportTimeUs(line: string): number | null {
  const found = transportTime.exec(line)?.groups?.["time"];
  return found === undefined ? null : isoTimeUs(found.replace(/(\.\d{6})\d+/, "$1"));
}

/** A line that CRI wrote. */
export interface CriPart {
  /** What stands before the text, said of a whole line. */
  readonly prefix: string;
  readonly stream: string;
  readonly text: string;
  /** Whether the line ends with it. */
  readonly isLast: boolean;
}

/** A line of CRI, or a piece of one; null for a line that CRI did not write. */
export function criPart(line: string): CriPart | null {
  const found = cri.exec(line);
  if (found?.groups === undefined) return null;
  const { time = "", stream = "", tag } = found.groups;
  const text = line.slice(found[0].length);
  return { prefix: `${time} ${stream} F `, stream, text, isLast: tag === "F" };
}

/** What docker's json-file driver wrote as one line. */
export interface DockerRecord {
  readonly log: string;
  readonly stream?: unknown;
}

/** A line of docker's json-file driver; null for any other. */
export function dockerRecord(line: string): DockerRecord | null {
  if (!line.startsWith('{"log":"')) return null;
  try {
    const record: unknown = JSON.parse(line);
    return isDockerRecord(record) ? record : null;
  } catch {
    return null;
  }
}

function isDockerRecord(record: unknown): record is DockerRecord {
  if (typeof record !== "object" || record === null) return false;
  return "log" in record && typeof record.log === "string";
}

/** First in CRI and ISO syslog, second in RFC 5424 and compose, a member of docker's JSON. */
const transportTime =
  /(?:^|^<\d{1,3}>1? ?|^[\w.-]+ +\| |"time":")(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))/;

/** As in a container behind compose behind syslog. */
const layersMax = 4;
const [carriageReturn, dash, angle, brace, byteOrderMark] = [13, 45, 60, 123, 0xfeff];
/** Docker's lines begin with a member of the name log. */
const [letterL, letterO] = [108, 111];
const escapeCharacter = "\u001B";
const colors = new RegExp(String.raw`${escapeCharacter}\[[0-9;?]*[A-Za-z]`, "g");
const cri =
  /^(?<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (?<stream>stdout|stderr) (?<tag>[FP])(?::\S*)? /;
const none: readonly RegExp[] = [];
const prefixes = {
  angle: [
    /^<\d{1,3}>1 \S+ \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: \uFEFF?|$)/,
    /^<\d{1,3}>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?:\S+ )?[\w./-]+(?:\[\d+\])?: /,
  ],
  digit: [cri, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\S+ \S+ [\w./-]+(?:\[\d+\])?: /],
  letter: [
    /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?[\w./-]+(?:\[\d+\])?: /,
    /^[A-Za-z][\w.-]* +\| (?:\d{4}-\d\d-\d\dT[\d:.]+Z +)?/,
    /^[\w.-]+ [A-Za-z][\w./-]*\[\d+\]: /,
    /^ACCESS /,
  ],
};

function withoutOneLayer(text: string): string {
  const first = text.charCodeAt(0);
  if (first === brace) return dockerRecord(text)?.log.replace(/\r?\n$/, "") ?? text;
  if (first === byteOrderMark) return text.slice(1);
  for (const prefix of prefixesOf(first, text)) {
    const found = prefix.exec(text);
    if (found !== null) return text.slice(found[0].length);
  }
  return text;
}

function prefixesOf(first: number, text: string): readonly RegExp[] {
  if (first >= 48 && first <= 57) return text.charCodeAt(4) === dash ? prefixes.digit : none;
  const lower = first | 32;
  if (lower >= 97 && lower <= 122) return prefixes.letter;
  return first === angle ? prefixes.angle : none;
}
