import type { Settings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";

import { invitation, notice } from "./demo/announce.ts";
import { demoOptions } from "./demo/options.ts";
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
    ...(options.incidentSecondsMax !== null && { incidentSecondsMax: options.incidentSecondsMax }),
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
