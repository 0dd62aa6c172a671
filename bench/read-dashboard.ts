import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { exchangesAnswer } from "#lib/contract/exchanges.ts";

import { quantile } from "./run/figures.ts";

/**
 * Asks a running Viascope what its dashboard asks, a few questions a second, and tells how long the answers took.
 *   node bench/read-dashboard.ts --url http://127.0.0.1:3000 --seconds 30
 * As a child of another bench it asks until it is told to stop, and sends the figures instead of printing them.
 */
export type ReadingFigures = Readonly<
  Record<string, { readonly count: number; readonly msP50: number; readonly msP95: number }>
>;

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:3000" },
    seconds: { type: "string", default: "30" },
    /** Questions a second. */
    rate: { type: "string", default: "4" },
  },
});

const api = new URL("/api/v1/", values.url);
const window = "from=now-1h&to=now";
const trends =
  "groupBy=upstream&metric=errorRate&metric=latencyMsP95&metric=fallbacks&metric=tlsFailures&step=60";
const tookMs = new Map<string, number[]>();
let traceId: string | null = null;
let stopped = false;

const questions: Readonly<Record<string, () => Promise<void>>> = {
  proxies: () => ask("proxies", `proxies?${window}`),
  upstreams: () => ask("upstreams", `upstreams?${window}`),
  series: () => ask("series", `series?${window}&${trends}`),
  exchanges: async () => {
    const body = await asked("newestExchanges", `exchanges?${window}&order=newest&limit=20`);
    traceId =
      exchangesAnswer.parse(body).items.find((item) => item.traceId !== null)?.traceId ?? null;
  },
  trace: async () => {
    if (traceId !== null) await ask("traceById", `traces/${traceId}`);
  },
};

process.on("message", () => (stopped = true));
const untilMs = Date.now() + Number(values.seconds) * 1000;
const goesOn = (): boolean => !stopped && (process.connected || Date.now() < untilMs);
for (let turn = 0; goesOn(); turn += 1) {
  const begun = performance.now();
  await Object.values(questions)[turn % 5]?.();
  await sleep(Math.max(0, 1000 / Number(values.rate) - (performance.now() - begun)));
}
tell(figuresOf());

async function ask(name: string, question: string): Promise<void> {
  await asked(name, question);
}

async function asked(name: string, question: string): Promise<unknown> {
  const begun = performance.now();
  const answer = await fetch(new URL(question, api));
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(`${question} was answered with ${answer.status}`);
  const times = tookMs.get(name) ?? [];
  tookMs.set(name, times);
  times.push(performance.now() - begun);
  return body;
}

function figuresOf(): ReadingFigures {
  return Object.fromEntries(
    [...tookMs].map(([name, times]) => [
      name,
      { count: times.length, msP50: quantile(times, 0.5), msP95: quantile(times, 0.95) },
    ]),
  );
}

function tell(figures: ReadingFigures): void {
  if (process.send !== undefined) {
    process.send(figures);
    process.disconnect();
    return;
  }
  for (const [name, { count, msP50, msP95 }] of Object.entries(figures)) {
    process.stdout.write(
      `${name.padEnd(18)} ${count} asked, p50 ${msP50.toFixed(1)} ms, p95 ${msP95.toFixed(1)} ms\n`,
    );
  }
}
