import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { StartProblem } from "#lib/config/start-problem.ts";

import { formatWord, zoneWord } from "../line-words.ts";
import { type Compression, compressions } from "./compression.ts";

export interface TailOptions {
  /** Files, or patterns of files that may come later. */
  readonly patterns: readonly string[];
  /** Where the lines go, with the query that says what they are. */
  readonly target: URL;
  readonly tokenFile: string | null;
  readonly compression: Compression;
  readonly checkpoint: string;
  /** Whether files that are there at the very first start are read from their beginning. */
  readonly fromStart: boolean;
  /** Ends when everything that is there was sent. */
  readonly once: boolean;
}

/** The words of the command line; throws a StartProblem that says what to write instead. */
export function tailOptions(dataDir: string, args: readonly string[]): TailOptions {
  const { values, positionals } = wordsOf(args);
  if (positionals.length === 0) throw new StartProblem(`Name a log file: ${usage}.`);
  const { proxy, from = "start" } = values;
  if (proxy === undefined || proxy === "") {
    throw new StartProblem(`Name the proxy that writes these files with --proxy: ${usage}.`);
  }
  if (from !== "start" && from !== "end") {
    throw new StartProblem(`--from is "${from}", but must be start or end.`);
  }
  const fallback = join(dataDir, `tail-${proxy.replaceAll(/[^\w.-]/g, "_")}.json`);
  return {
    patterns: positionals.map((pattern) => resolve(pattern)),
    target: targetOf({ ...values, proxy }),
    tokenFile: values["token-file"] ?? null,
    compression: compressionOf(values.compression),
    checkpoint: resolve(values.checkpoint ?? fallback),
    fromStart: from === "start",
    once: values.once ?? false,
  };
}

const text = { type: "string" } as const;
const options = {
  to: text,
  proxy: text,
  instance: text,
  format: text,
  "log-format": text,
  tz: text,
  compression: text,
  "token-file": text,
  checkpoint: text,
  from: text,
  once: { type: "boolean" },
} as const;
const usage =
  "tail --to http://127.0.0.1:4318 --proxy NAME [--instance NAME] [--format F] [--log-format TEXT] [--tz ZONE] [--compression zstd|gzip|none] [--token-file FILE] [--checkpoint FILE] [--from start|end] [--once] FILE...";

type Values = ReturnType<typeof wordsOf>["values"];

function wordsOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ", 1)[0] : String(error);
    throw new StartProblem(`${reason}. Write ${usage}.`);
  }
}

function compressionOf(word = "zstd"): Compression {
  const found = compressions.find((compression) => compression === word);
  if (found !== undefined) return found;
  throw new StartProblem(`--compression is "${word}", but must be ${compressions.join(" or ")}.`);
}

function targetOf(values: Values & { readonly proxy: string }): URL {
  const { to = "http://127.0.0.1:4318", proxy } = values;
  if (!/^https?:\/\//.test(to) || !URL.canParse(to)) {
    throw new StartProblem(
      `--to is "${to}", but must be an address such as http://127.0.0.1:4318.`,
    );
  }
  const target = new URL(`${to.replace(/\/+$/, "")}/ingest/access-logs`);
  target.searchParams.set("proxy", proxy);
  target.searchParams.set("instance", values.instance ?? hostname());
  target.searchParams.set("format", formatWord(values.format));
  const logFormat = values["log-format"];
  if (logFormat !== undefined) target.searchParams.set("log_format", logFormat);
  const zone = zoneWord(values.tz);
  if (zone !== null) target.searchParams.set("tz", zone);
  return target;
}
