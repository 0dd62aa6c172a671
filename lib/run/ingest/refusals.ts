/** Records that begin later than this after now are refused: a clock or a time zone is wrong. */
const futureMsMax = 86_400_000;

/** A refusal for the sender, and its kind for the counters. */
export interface Refusal {
  readonly kind: string;
  readonly sentence: string;
}

/** Why a record is refused for its time; null for a good one. */
export type Timeliness = (startUs: number) => Refusal | null;

/** Judges times against a retention, in milliseconds, as it is now. */
export function timelinessAt(nowMs: number, retentionMs: number): Timeliness {
  return (startUs) => {
    if (startUs / 1000 > nowMs + futureMsMax) return tooNew;
    return startUs / 1000 < nowMs - retentionMs ? tooOld : null;
  };
}

const tooNew: Refusal = {
  kind: "in_the_future",
  sentence:
    "A record that begins more than a day from now is refused: check the sender's clock and time zone.",
};
const tooOld: Refusal = {
  kind: "older_than_retention",
  sentence: "A record older than the retention time is refused.",
};

/** Counts the refusals of one request by kind, and gathers a sentence for each kind. */
export class Refusals {
  readonly #counts: Map<string, number>;
  readonly #sentences: string[];

  constructor(byKind: Readonly<Record<string, number>> = {}, sentences: readonly string[] = []) {
    this.#counts = new Map(Object.entries(byKind));
    this.#sentences = [...sentences];
  }

  get count(): number {
    return this.#counts.values().reduce((sum, count) => sum + count, 0);
  }

  add({ kind, sentence }: Refusal, times = 1): void {
    const before = this.#counts.get(kind);
    if (before === undefined) this.#sentences.push(sentence);
    this.#counts.set(kind, (before ?? 0) + times);
  }

  /** Adds refusals of the same request, of other kinds. */
  addAll(others: Refusals): void {
    for (const [kind, count] of others.#counts) this.#counts.set(kind, count);
    this.#sentences.push(...others.#sentences);
  }

  byKind(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** One for each kind of reason there was. */
  sentences(): readonly string[] {
    return this.#sentences;
  }
}
