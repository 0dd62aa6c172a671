import { parseArgs } from "node:util";

import type { Settings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";

export interface DemoOptions {
  readonly url: string;
  /** Where people look at it; null when only the place to send to is known. */
  readonly lookAt: string | null;
  readonly seed: number;
  readonly rate: number;
  /** Null: until it is stopped. */
  readonly seconds: number | null;
  readonly backfillSeconds: number;
  /** Null: as long as they are written. */
  readonly incidentSecondsMax: number | null;
}

/** The words of the command line; throws a StartProblem that says what to write instead. */
export function demoOptions(settings: Settings, args: readonly string[]): DemoOptions {
  const values = valuesOf(args);
  const url = values.url ?? settings.ingestUrl;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new StartProblem(
      `--url is "${url}", but must be an address such as http://127.0.0.1:4318.`,
    );
  }
  return {
    url: url.replace(/\/+$/, ""),
    lookAt:
      values.url === undefined
        ? (settings.publicUrl ?? `http://127.0.0.1:${settings.webPort}`)
        : null,
    seed: numberOf("--seed", values.seed, 1, 0, 4_294_967_295),
    rate: numberOf("--rate", values.rate, 30, 1, 500),
    seconds: values.for === undefined ? null : numberOf("--for", values.for, 0, 1, 86_400),
    incidentSecondsMax:
      values.incident === undefined ? null : numberOf("--incident", values.incident, 0, 1, 300),
    backfillSeconds: 60 * numberOf("--backfill", values.backfill, 60, 0, 240),
  };
}

const text = { type: "string" } as const;
const words = {
  url: text,
  seed: text,
  rate: text,
  for: text,
  backfill: text,
  incident: text,
} as const;

function valuesOf(args: readonly string[]): Partial<Record<keyof typeof words, string>> {
  try {
    return parseArgs({ args: [...args], options: words }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ", 1)[0] : String(error);
    throw new StartProblem(`${reason}. The demo knows ${usage}.`);
  }
}

const usage =
  "--url ADDRESS, --seed NUMBER, --rate REQUESTS_PER_SECOND, --for SECONDS, --backfill MINUTES and --incident SECONDS";

function numberOf(
  name: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value.trim() !== "" && Number.isInteger(number) && number >= least && number <= most)
    return number;
  throw new StartProblem(
    `${name} is "${value}", but must be a whole number from ${least} to ${most}.`,
  );
}
