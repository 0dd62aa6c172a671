import { parseArgs } from "node:util";

import { StartProblem } from "#lib/config/start-problem.ts";

import { formatWord, zoneWord } from "../line-words.ts";

export interface ParseOptions {
  /** `-` is standard input. */
  readonly file: string;
  readonly format: string;
  readonly logFormat: string | null;
  /** IANA zone of times that are written without one; null for UTC. */
  readonly timeZone: string | null;
  readonly proxy: string;
  /** Only the summary. */
  readonly quiet: boolean;
}

/** The words of the command line; throws a StartProblem that says what to write instead. */
export function parseOptions(args: readonly string[]): ParseOptions {
  const { values, positionals } = wordsOf(args);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new StartProblem(`Name one log file, or - for standard input: ${usage}.`);
  }
  return {
    file,
    format: formatWord(values.format),
    logFormat: values["log-format"] ?? null,
    timeZone: zoneWord(values.tz),
    proxy: values.proxy ?? "proxy",
    quiet: values.quiet ?? false,
  };
}

const text = { type: "string" } as const;
const options = {
  format: text,
  "log-format": text,
  tz: text,
  proxy: text,
  quiet: { type: "boolean" },
} as const;
const usage = "parse [--format F] [--log-format TEXT] [--tz ZONE] [--proxy NAME] [--quiet] FILE";

function wordsOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ", 1)[0] : String(error);
    throw new StartProblem(`${reason}. Write ${usage}.`);
  }
}
