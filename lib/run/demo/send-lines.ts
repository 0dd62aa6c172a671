import { setTimeout as sleep } from "node:timers/promises";

import { edgeLine, edgeLogFormat, edgeName } from "./edge-line.ts";
import type { DemoExchange } from "./model.ts";
import { authorization, type DemoTarget } from "./target.ts";

/** How often a body is sent again while the target is busy or away, and for how long it waits before. */
const triesMax = 8;
const waitMs = 1_000;

/** Ships the edge's log lines of these exchanges, as a log shipper does; throws when they are not taken. */
export async function sendLines(
  target: DemoTarget,
  exchanges: readonly DemoExchange[],
): Promise<void> {
  if (exchanges.length === 0) return;
  const url = new URL("/ingest/access-logs", target.url);
  url.search = new URLSearchParams({
    format: "nginx",
    proxy: edgeName,
    instance: "edge-1",
    log_format: edgeLogFormat,
  }).toString();
  const body = `${exchanges.map(edgeLine).join("\n")}\n`;
  for (let tries = 1; ; tries += 1) {
    const problem = await post(url, body, authorization(target));
    if (problem === null) return;
    if (!problem.again || tries === triesMax) throw new Error(problem.sentence);
    await sleep(waitMs);
  }
}

interface SendProblem {
  readonly sentence: string;
  readonly again: boolean;
}

async function post(
  url: URL,
  body: string,
  headers: Record<string, string>,
): Promise<SendProblem | null> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "text/plain" },
      body,
    });
    const text = await response.text();
    if (response.ok) return null;
    const again = response.status === 429 || response.status >= 500;
    return { sentence: `${url.origin} answered ${response.status}: ${text.slice(0, 300)}`, again };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { sentence: `${url.origin} does not answer (${reason}).`, again: true };
  }
}
