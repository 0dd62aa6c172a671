import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { requestOf } from "../postgres/send-spans.ts";

const sendersUsual = 6;
const recordsPerBody = 20;
/** Every so many bodies, a sender whose body was not answered gives up, as exporters do in the end. */
const patienceUsual = 7;

export interface LoadOptions {
  /** Each has a connection of its own. */
  readonly senders?: number;
  /** How long an answer is waited for; without end when absent. */
  readonly timeoutMs?: number;
  /** Every so many bodies one is not sent again; 0 for none. */
  readonly patience?: number;
  /** Bodies in a second at most; as many as are answered when absent. */
  readonly perSecond?: number;
  /** Every so many bodies, the sender hangs up with its last byte, and sends the body again a second later. */
  readonly hangUpEvery?: number;
}

/** The numbers that a load has sent. */
export interface SentNumbers {
  readonly begunMs: number;
  readonly acknowledged: ReadonlySet<number>;
  /** Sent, never answered, and not sent again. */
  readonly abandoned: ReadonlySet<number>;
  /** Bodies that were sent more than once. */
  readonly resent: number;
  /** Answers by status; 0 for none. */
  readonly answers: ReadonlyMap<number, number>;
}

export interface NumberedLoad {
  /** How many records are acknowledged so far. */
  acknowledged(): number;
  /** How many bodies were answered 503 so far. */
  refused(): number;
  stop(): Promise<SentNumbers>;
}

/**
 * Sends numbered spans and numbered log lines with several senders until `stop` is called; a body without an answer is
 * sent again, byte for byte, to the next of several places.
 */
export function numberedLoad(
  to: string | readonly string[],
  options: LoadOptions = {},
): NumberedLoad {
  const urls = [to].flat();
  const begunMs = Date.now();
  const { patience = patienceUsual, perSecond = Infinity, hangUpEvery = Infinity } = options;
  const answers = new Map<number, number>();
  const acknowledged = new Set<number>();
  const abandoned = new Set<number>();
  const stopping = new AbortController();
  let bodies = 0;
  let resent = 0;
  const send = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const body = bodies++;
      const dueMs = begunMs + (body / perSecond) * 1_000;
      await sleep(Math.max(0, dueMs - Date.now()));
      const numbers = Array.from({ length: recordsPerBody }, (_, at) => body * recordsPerBody + at);
      const request = body % 2 === 0 ? spansRequest(numbers) : linesRequest(numbers);
      const triesMax = patience > 0 && body % patience === 0 ? 1 : Infinity;
      const hangsUp = body % hangUpEvery === hangUpEvery - 1;
      const tries = await deliver(async (place) => {
        const url = urls[(body + place) % urls.length] ?? "";
        if (hangsUp && place === 1) {
          if (await sendAndHangUp(url, request)) return true;
          await sleep(1_000);
          return false;
        }
        const status = await statusOf(url, request, options.timeoutMs);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        return status === 200;
      }, triesMax);
      for (const number of numbers) (tries === null ? abandoned : acknowledged).add(number);
      if (tries !== null && tries > 1) resent += 1;
    }
  };
  const running = Array.from({ length: options.senders ?? sendersUsual }, send);
  return {
    acknowledged: () => acknowledged.size,
    refused: () => answers.get(503) ?? 0,
    async stop() {
      stopping.abort();
      await Promise.all(running);
      return { begunMs, acknowledged, abandoned, resent, answers };
    },
  };
}

/** The number in a numbered span's path, or in a numbered line. */
export function numberIn(text: string | null): number {
  return Number(/\/numbered\/(\d+)/.exec(text ?? "")?.[1]);
}

export interface NumberedRequest {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

function spansRequest(numbers: readonly number[]): NumberedRequest {
  const body = JSON.stringify(requestOf(numbers.map(spanOf)));
  return { path: "/v1/traces", contentType: "application/json", body };
}

function linesRequest(numbers: readonly number[]): NumberedRequest {
  const path = "/ingest/access-logs?format=nginx&proxy=numbered-lines";
  return {
    path,
    contentType: "text/plain",
    body: `${numbers.map((number) => lineOf(number)).join("\n")}\n`,
  };
}

/** How many tries it took until the body was answered; null when it was given up. */
async function deliver(
  attempt: (place: number) => Promise<boolean>,
  triesMax: number,
): Promise<number | null> {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    if (await attempt(tries)) return tries;
    await sleep(20);
  }
  return null;
}

/**
 * Sends it and no more: the end of the connection stands behind its last byte. Gives, when that is closed, whether it
 * was taken all the same.
 */
export function sendAndHangUp(
  to: string,
  { path, contentType, body }: NumberedRequest,
): Promise<boolean> {
  const url = new URL(to);
  const head = `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: ${contentType}\r\n`;
  const length = `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
    socket.once("error", () => undefined);
    socket.once("close", () => resolve(answer.startsWith("HTTP/1.1 200 ")));
    socket.end(head + length + body);
  });
}

/** 0 when no answer came. */
async function statusOf(
  url: string,
  { path, contentType, body }: NumberedRequest,
  timeoutMs: number | undefined,
): Promise<number> {
  try {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
    });
    const text = await response.text();
    if (response.status === 400) throw new SyntaxError(text);
    return response.status;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    return 0;
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
    path: `/numbered/${number}`,
    service: "numbered",
  };
}

/** A numbered line of an nginx that logs JSON. */
export function lineOf(number: number, atMs = Date.now()): string {
  return JSON.stringify({
    msec: (atMs / 1_000).toFixed(3),
    request: `GET /numbered/${number} HTTP/1.1`,
    status: "200",
    request_time: "0.010",
  });
}
