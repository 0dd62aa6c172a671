import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { StartProblem } from "#lib/config/start-problem.ts";

import { compressed, type Compression } from "./compression.ts";
import type { Batch } from "./followed-file.ts";

export interface DeliveryOptions {
  readonly target: URL;
  readonly tokenFile: string | null;
  readonly compression: Compression;
  /** Aborted when the tail is to end: what is not answered then is sent again by the next run. */
  readonly stopping: AbortSignal;
  readonly note: (sentence: string) => void;
}

/** What became of lines. */
export interface Delivered {
  readonly accepted: number;
  readonly rejected: number;
}

const answer = z.object({
  accepted: z.number(),
  rejected: z.number(),
  rejections: z.array(z.object({ line: z.number(), reason: z.string() })),
});

type Outcome =
  | ({ readonly kind: "stored"; readonly reasons: readonly string[] } & Delivered)
  /** These lines, as they are, will never be taken. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "later"; readonly reason: string; readonly waitMs: number | null };

const answerMsMax = 60_000;
const waitMsMin = 250;
const waitMsMax = 30_000;
/** The longest that a server's Retry-After is believed. */
const retryAfterMsMax = 300_000;
const newline = 0x0a;

/** Sends batches until each is stored; a batch that is refused as a whole is halved until only the line at fault is left out. */
export class Delivery {
  readonly #options: DeliveryOptions;
  #hasStored = false;
  #isAway = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Null when the tail is to end before the batch is stored. */
  async deliver(batch: Batch): Promise<Delivered | null> {
    const body = await compressed(batch.bytes, this.#options.compression);
    for (let tries = 0; ; tries += 1) {
      const outcome = await this.#send(batch, body);
      if (outcome.kind === "stored") return this.#stored(outcome);
      if (outcome.kind === "refused") return this.#refused(batch, outcome.reason);
      this.#away(outcome.reason);
      if (!(await this.#wait(tries, outcome.waitMs))) return null;
    }
  }

  async #send(batch: Batch, body: Buffer<ArrayBuffer>): Promise<Outcome> {
    const { target } = this.#options;
    try {
      const response = await fetch(target, {
        method: "POST",
        headers: await this.#headers(batch),
        body,
        redirect: "error",
        signal: AbortSignal.timeout(answerMsMax),
      });
      return outcomeOf(response, await response.text());
    } catch (error) {
      if (error instanceof StartProblem) throw error;
      return { kind: "later", reason: reasonOf(error), waitMs: null };
    }
  }

  async #headers({ content, from, to }: Batch): Promise<Record<string, string>> {
    const { tokenFile, compression } = this.#options;
    // The same for the same lines, whoever sends them again after whatever happened.
    const key = `${content}:${from}-${to}`;
    const headers: Record<string, string> = {
      "content-type": "text/plain; charset=utf-8",
      "idempotency-key": key,
    };
    if (compression !== "none") headers["content-encoding"] = compression;
    if (tokenFile === null) return headers;
    const token = await readFile(tokenFile, "utf8").catch((error: unknown) => {
      throw new StartProblem(`The token file ${tokenFile} cannot be read: ${String(error)}.`);
    });
    return { ...headers, authorization: `Bearer ${token.trim()}` };
  }

  #stored({ accepted, rejected, reasons }: Outcome & { kind: "stored" }): Delivered {
    if (this.#isAway) this.#options.note("sending works again.");
    this.#isAway = false;
    this.#hasStored = true;
    const [first] = reasons;
    if (first !== undefined) this.#options.note(`${rejected} lines were refused: ${first}`);
    return { accepted, rejected };
  }

  async #refused(batch: Batch, reason: string): Promise<Delivered | null> {
    const halves = halvesOf(batch);
    if (!this.#hasStored) throw new StartProblem(`The server refuses what is sent: ${reason}`);
    if (halves === null) {
      this.#options.note(`the line at byte ${batch.from} was left out: ${reason}`);
      return { accepted: 0, rejected: 1 };
    }
    const sums = { accepted: 0, rejected: 0 };
    for (const half of halves) {
      const delivered = await this.deliver(half);
      if (delivered === null) return null;
      sums.accepted += delivered.accepted;
      sums.rejected += delivered.rejected;
    }
    return sums;
  }

  #away(reason: string): void {
    if (!this.#isAway) this.#options.note(`cannot send, and tries again: ${reason}`);
    this.#isAway = true;
  }

  /** False when the tail is to end. */
  async #wait(tries: number, asked: number | null): Promise<boolean> {
    const { stopping } = this.#options;
    const most = Math.min(waitMsMax, waitMsMin * 2 ** Math.min(tries, 16));
    const jittered = waitMsMin + Math.random() * (most - waitMsMin);
    // Many senders were told the same time: they come back spread over the half of it that follows.
    const waitMs = asked === null ? jittered : asked * (1 + Math.random() / 2);
    await sleep(waitMs, undefined, { signal: stopping }).catch(() => undefined);
    return !stopping.aborted;
  }
}

function outcomeOf(response: Response, text: string): Outcome {
  if (response.ok) return storedOutcome(text);
  const reason = `${response.status} ${sentenceOf(text)}`;
  // What is wrong with the token or with the address can be mended without a restart of the tail.
  if ([400, 413, 415].includes(response.status)) return { kind: "refused", reason };
  return { kind: "later", reason, waitMs: retryAfterMs(response.headers.get("retry-after")) };
}

function storedOutcome(text: string): Outcome {
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success) {
    return { kind: "later", reason: "what answers is no Viascope.", waitMs: null };
  }
  const { accepted, rejected, rejections } = parsed.data;
  return { kind: "stored", accepted, rejected, reasons: rejections.map(({ reason }) => reason) };
}

function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(retryAfterMsMax, Math.max(waitMsMin, ms));
}

/** The batch as two at the line end nearest its middle; null when it is a single line. */
function halvesOf({ content, bytes, from }: Batch): readonly [Batch, Batch] | null {
  const middle = Math.floor(bytes.length / 2);
  const before = bytes.lastIndexOf(newline, middle) + 1;
  const cut = before > 0 ? before : bytes.indexOf(newline, middle) + 1;
  if (cut <= 0 || cut >= bytes.length) return null;
  const part = (start: number, end: number): Batch => ({
    content,
    bytes: bytes.subarray(start, end),
    from: from + start,
    to: from + end,
  });
  return [part(0, cut), part(cut, bytes.length)];
}

function sentenceOf(text: string): string {
  const problem = z.object({ detail: z.string() }).safeParse(jsonOf(text));
  return problem.success ? problem.data.detail : text.slice(0, 200);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** fetch hides what went wrong in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
