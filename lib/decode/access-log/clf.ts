import { clfTimeReader } from "./time.ts";

/** A line of the common log and its kin, with its escapes still in it. */
export interface ClfLine {
  /** Null where a `-` stands for it, or a list of forwarded addresses. */
  readonly client: string | null;
  /** The host that vhost formats put in front. */
  readonly host: string | null;
  readonly timeMs: number;
  readonly request: string;
  readonly status: string;
  readonly bytes: string;
  /** What stands behind the bytes. */
  readonly tail: string;
}

export type ClfReader = (line: string) => ClfLine | string;

/** A reader of one stream's `client identity user [time] "request" status bytes ...` lines; a refusal is a sentence. */
export function clfReader(): ClfReader {
  const readTime = clfTimeReader();
  return (line) => {
    const groups = clf.exec(line)?.groups;
    if (groups === undefined) return expected;
    const timeMs = readTime(groups["time"] ?? "");
    if (timeMs === null) return expectedTime;
    return {
      ...headOf(groups["head"] ?? ""),
      timeMs,
      request: groups["request"] ?? "",
      status: groups["status"] ?? "-",
      bytes: groups["bytes"] ?? "-",
      tail: groups["tail"] ?? "",
    };
  };
}

const clf =
  /^(?<head>\S.*?) \[(?<time>\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "(?<request>(?:[^"\\]|\\.)*)" (?<status>\d{1,3}|-)(?: (?<bytes>\d+|-)(?=\s|$))?(?<tail>.*)$/;
const expected =
  'The line is no access line: expected `client - user [20/Nov/2026:22:09:04 +0000] "request" status bytes`.';
const expectedTime = "The time is none: expected 20/Nov/2026:22:09:04 +0000.";

/** `client identity user`, with a virtual host in front or without identity and user. */
function headOf(head: string): Pick<ClfLine, "client" | "host"> {
  const words = head.split(" ");
  const [first = "", second = ""] = words;
  if (first.endsWith(",")) return { client: first.slice(0, -1), host: null };
  const hasHost =
    words.length > 3 && second !== "-" && /^[\w.*-]+(?::\d+)?$/.test(first) && isAddress(second);
  const client = hasHost ? second : first;
  return { client: client === "-" ? null : client, host: hasHost ? first : null };
}

function isAddress(text: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i.test(text);
}
