import { setTimeout as sleep } from "node:timers/promises";

import { requestOf } from "../postgres/send-spans.ts";

const senders = 6;
const spansPerBody = 20;
/** Every so many bodies, a sender whose body was not answered gives up, as exporters do in the end. */
const patience = 7;

/** The numbers that a load has sent. */
export interface SentNumbers {
  readonly acknowledged: ReadonlySet<number>;
  /** Sent, never answered, and not sent again. */
  readonly abandoned: ReadonlySet<number>;
  /** Bodies that were sent more than once. */
  readonly resent: number;
}

/** Sends numbered spans with several senders until `stop` is called; a body without an answer is sent again, byte for byte. */
export function numberedLoad(url: string): { stop(): Promise<SentNumbers> } {
  const acknowledged = new Set<number>();
  const abandoned = new Set<number>();
  const stopping = new AbortController();
  let bodies = 0;
  let resent = 0;
  const send = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const body = bodies++;
      const numbers = Array.from({ length: spansPerBody }, (_, at) => body * spansPerBody + at);
      const tries = await deliver(url, numbers, body % patience === 0 ? 1 : Infinity);
      for (const number of numbers) (tries === null ? abandoned : acknowledged).add(number);
      if (tries !== null && tries > 1) resent += 1;
    }
  };
  const running = Array.from({ length: senders }, send);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
      return { acknowledged, abandoned, resent };
    },
  };
}

/** The number of a numbered span's path. */
export function numberOfPath(path: string | null): number {
  return Number(path?.slice(pathStart.length));
}

const pathStart = "/numbered/";

/** How many tries it took until the body was answered; null when it was given up. */
async function deliver(
  url: string,
  numbers: readonly number[],
  triesMax: number,
): Promise<number | null> {
  const body = JSON.stringify(requestOf(numbers.map(spanOf)));
  for (let tries = 1; tries <= triesMax; tries += 1) {
    if (await isAccepted(url, body)) return tries;
    await sleep(20);
  }
  return null;
}

async function isAccepted(url: string, body: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await response.text();
    if (response.status === 400) throw new SyntaxError(text);
    return response.ok;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    return false;
  }
}

function spanOf(number: number): Parameters<typeof requestOf>[0][number] {
  const id = (number + 1).toString(16);
  return {
    traceId: id.padStart(32, "0"),
    spanId: id.padStart(16, "0"),
    kind: 2,
    startMs: Date.now(),
    durationMs: 1 + (number % 50),
    status: 200,
    path: `${pathStart}${number}`,
    service: "numbered",
  };
}
