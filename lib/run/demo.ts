import { parseArgs } from "node:util";

import type { Settings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";

import { invitation, notice } from "./demo/announce.ts";
import { reportSending } from "./demo/report.ts";
import { streamDemo } from "./demo/stream.ts";
import { stopSignals } from "./supervise/stop-signals.ts";

/** Sends demo traffic to a running Viascope until it is stopped, its time is up, or whoever started it is gone. */
export async function runDemo(settings: Settings, words: readonly string[]): Promise<void> {
  const options = demoOptions(settings, words);
  const { url } = options;
  await expectViascope(url);
  const plan = {
    seed: options.seed,
    perSecond: options.rate,
    startedSecond: Math.floor(Date.now() / 1_000),
  };
  const stopping = new AbortController();
  void stopSignals().first.then(() => stopping.abort());
  const timer =
    options.seconds === null ? null : setTimeout(() => stopping.abort(), options.seconds * 1_000);
  process.stdout.write(invitation({ plan, url, lookAt: options.lookAt }));
  reportSending();
  await streamDemo({
    plan,
    target: { url, token: settings.ingestToken },
    backfillSeconds: options.backfillSeconds,
    signal: stopping.signal,
    onProblem: reporter(),
  });
  if (timer !== null) clearTimeout(timer);
}

export interface DemoOptions {
  readonly url: string;
  /** Where people look at it; null when only the place to send to is known. */
  readonly lookAt: string | null;
  readonly seed: number;
  readonly rate: number;
  /** Null: until it is stopped. */
  readonly seconds: number | null;
  readonly backfillSeconds: number;
}

/** The words of the command line; throws a StartProblem that says what to write instead. */
export function demoOptions(settings: Settings, words: readonly string[]): DemoOptions {
  const values = valuesOf(words);
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
    backfillSeconds: 60 * numberOf("--backfill", values.backfill, 60, 0, 240),
  };
}

const text = { type: "string" } as const;
const words = { url: text, seed: text, rate: text, for: text, backfill: text } as const;

function valuesOf(args: readonly string[]): Partial<Record<keyof typeof words, string>> {
  try {
    return parseArgs({ args: [...args], options: words }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ", 1)[0] : String(error);
    throw new StartProblem(`${reason}. The demo knows ${usage}.`);
  }
}

const usage =
  "--url ADDRESS, --seed NUMBER, --rate REQUESTS_PER_SECOND, --for SECONDS and --backfill MINUTES";

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

async function expectViascope(url: string): Promise<void> {
  const answers = await fetch(new URL("/api/health", url), { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.ok)
    .catch(() => false);
  if (answers) return;
  throw new StartProblem(
    `No Viascope answers at ${url}: start one with npm start, or say where it takes telemetry with --url.`,
  );
}

/** Says what went wrong once, and once that it works again. */
function reporter(): (sentence: string | null) => void {
  let last: string | null = null;
  return (sentence) => {
    if (sentence === last) return;
    notice(sentence ?? "sending works again.");
    last = sentence;
  };
}
