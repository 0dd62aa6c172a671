import type { LogItem } from "#lib/contract/logs.ts";

/** How loud a line is: of an error, of a warning, of nothing to act on. */
export type LogTone = "bad" | "warn" | "plain" | "soft";

const tones = {
  fatal: "bad",
  error: "bad",
  warn: "warn",
  info: "plain",
  debug: "soft",
  trace: "soft",
} as const;

/** The tone of a line; one that could not be read asks for somebody to look. */
export function logTone({ kind, severity }: Pick<LogItem, "kind" | "severity">): LogTone {
  if (kind === "unread") return "warn";
  return severity === null ? "soft" : tones[severity];
}

/** A line's text as it is shown: what cannot be seen is written out. */
export function shownText(text: string): string {
  return text.replaceAll(unseen, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `\\x${code.padStart(2, "0")}`;
  });
}

/** Control characters but tab and line feed, which are seen by what they do. */
const unseen = /[^\P{Cc}\t\n]/gu;

/** Lines of several pages, each once: a page that is asked for again may have moved. */
export function distinctLines<Line extends Pick<LogItem, "id">>(
  pages: readonly { readonly items: readonly Line[] }[],
): Line[] {
  const lines = pages.flatMap(({ items }) => items);
  return [...new Map(lines.map((line) => [line.id, line])).values()];
}
