import { mergedFamilies, metricsText, type Metrics } from "#lib/telemetry/metrics.ts";

import type { RoleReport, SiblingMessage, SpentOfTokens, SupervisorMessage } from "../role.ts";

/** One that is just starting again answers nothing. */
const answerMsMax = 1_000;
const tellEveryMs = 250;

/** The way to the supervisor: a process's own. */
export interface Channel {
  on(event: "message", listener: (message: SupervisorMessage) => void): void;
  send(report: RoleReport): void;
}

/** Where spent limits are counted. */
export interface SpentBook {
  takeSpent(): SpentOfTokens;
  spentElsewhere(spent: SpentOfTokens): void;
}

interface Question {
  readonly answers: Map<string, Extract<SiblingMessage, { kind: "metrics" }>["families"]>;
  readonly settle: () => void;
}

/**
 * The other ingest processes of the same supervisor, which share ports: whoever is asked for counters answers for all, and
 * the limits of tokens hold for all together. Alone, it is as if this did not exist.
 */
export class Siblings {
  readonly #metrics: Metrics;
  readonly #book: SpentBook;
  readonly #channel: Channel;
  readonly #timer: NodeJS.Timeout;
  readonly #questions = new Map<number, Question>();
  #own: { readonly place: number; readonly of: number } | null = null;
  #asked = 0;

  constructor(channel: Channel, book: SpentBook, metrics: Metrics) {
    this.#channel = channel;
    this.#book = book;
    this.#metrics = metrics;
    channel.on("message", (message) => this.#hear(message));
    this.#timer = setInterval(() => this.#tellSpent(), tellEveryMs).unref();
  }

  /** The counters of all processes that answer in time, each with its place; only our own where there are no others. */
  async metricsText(): Promise<string> {
    if (this.#own === null) return this.#metrics.text();
    const answers: Question["answers"] = new Map([
      [String(this.#own.place), this.#metrics.snapshot()],
    ]);
    const id = this.#asked++;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, answerMsMax);
      const settle = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#questions.set(id, { answers, settle });
      this.#tell(null, { kind: "askMetrics", id });
    });
    this.#questions.delete(id);
    return metricsText(mergedFamilies(new Map([...answers].toSorted(([a], [b]) => +a - +b))));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#own = null;
  }

  #hear(message: SupervisorMessage): void {
    if (message.kind === "place") this.#own = message;
    if (message.kind !== "fromSibling") return;
    const { from, body } = message;
    if (body.kind === "spent") return this.#book.spentElsewhere(body.spent);
    if (body.kind === "askMetrics") {
      const families = this.#metrics.snapshot();
      return this.#tell(from, { kind: "metrics", id: body.id, families });
    }
    const question = this.#questions.get(body.id);
    question?.answers.set(String(from), body.families);
    if (question?.answers.size === this.#own?.of) question?.settle();
  }

  #tellSpent(): void {
    const spent = this.#book.takeSpent();
    if (Object.keys(spent).length > 0) this.#tell(null, { kind: "spent", spent });
  }

  #tell(to: number | null, body: SiblingMessage): void {
    if (this.#own !== null) this.#channel.send({ kind: "toSiblings", to, body });
  }
}
