import { setTimeout as sleep } from "node:timers/promises";

import { exchangesOfSecond, type DemoExchange, type DemoPlan } from "./model.ts";
import { sendLines } from "./send-lines.ts";
import { AthensSpans } from "./send-spans.ts";
import type { DemoTarget } from "./target.ts";

const chunkSeconds = 60;

export interface StreamOptions {
  readonly plan: DemoPlan;
  readonly target: DemoTarget;
  /** How much of the past is filled in at the start. */
  readonly backfillSeconds: number;
  readonly signal: AbortSignal;
  /** Told what could not be sent, and after that when sending works again (null). */
  readonly onProblem: (sentence: string | null) => void;
}

/** Sends demo traffic as it happens, and that of the past beside it, until the signal. */
export async function streamDemo(options: StreamOptions): Promise<void> {
  const spans = new AthensSpans(options.target);
  try {
    await Promise.all([sendPast(options, spans), sendPresent(options, spans)]);
  } finally {
    await spans.close();
  }
}

/** The newest first, as people look there first. */
async function sendPast(options: StreamOptions, spans: AthensSpans): Promise<void> {
  const { plan, backfillSeconds, signal } = options;
  const oldest = plan.startedSecond - backfillSeconds;
  for (let end = plan.startedSecond; end > oldest && !signal.aborted; end -= chunkSeconds) {
    const first = Math.max(oldest, end - chunkSeconds);
    const seconds = Array.from({ length: end - first }, (_, place) => first + place);
    await send(
      options,
      spans,
      seconds.flatMap((second) => exchangesOfSecond(plan, second)),
    );
  }
}

/** Each exchange is told of when it is over, as proxies do. */
async function sendPresent(options: StreamOptions, spans: AthensSpans): Promise<void> {
  const { plan, signal } = options;
  let next = plan.startedSecond;
  let open: DemoExchange[] = [];
  while (!signal.aborted) {
    const nowMs = Date.now();
    for (; next < Math.floor(nowMs / 1_000); next += 1) open.push(...exchangesOfSecond(plan, next));
    const over = open.filter((exchange) => endOf(exchange) <= nowMs);
    open = open.filter((exchange) => endOf(exchange) > nowMs);
    await send(options, spans, over);
    await sleep(1_000 - (Date.now() % 1_000), undefined, { signal }).catch(() => undefined);
  }
}

function endOf({ startMs, durationMs }: DemoExchange): number {
  return startMs + durationMs;
}

async function send(
  { target, onProblem }: StreamOptions,
  spans: AthensSpans,
  exchanges: readonly DemoExchange[],
): Promise<void> {
  const results = await Promise.allSettled([sendLines(target, exchanges), spans.send(exchanges)]);
  const failed = results.find((result) => result.status === "rejected");
  const reason: unknown = failed?.reason;
  onProblem(
    failed === undefined ? null : reason instanceof Error ? reason.message : String(reason),
  );
}
