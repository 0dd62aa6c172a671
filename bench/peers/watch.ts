import { cpuSeconds, proportionalBytes, residentBytes } from "../run/process-cost.ts";

/** What a program used up. */
export interface Used {
  readonly cpuSeconds: number;
  /** The most that was seen at a look. */
  readonly memoryBytesMax: number;
}

const lookMs = 200;

/** Looks at programs, and at a Postgres that works for them, until it is asked what they used. */
export class Watch {
  readonly #programs: readonly number[];
  readonly #postgres: number | null;
  readonly #beforeSeconds: number;
  readonly #timer: NodeJS.Timeout;
  #cpuSeconds = 0;
  #memoryBytesMax = 0;

  constructor(programs: readonly number[], postgres: number | null) {
    this.#programs = programs;
    this.#postgres = postgres;
    this.#beforeSeconds = this.#cpu();
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  /** A program that has ended is told of as it was at the last look. */
  used(): Used {
    clearInterval(this.#timer);
    this.#look();
    return { cpuSeconds: this.#cpuSeconds, memoryBytesMax: this.#memoryBytesMax };
  }

  #look(): void {
    const postgres = this.#postgres === null ? 0 : proportionalBytes([this.#postgres]);
    const bytes = residentBytes(this.#programs) + postgres;
    this.#memoryBytesMax = Math.max(this.#memoryBytesMax, bytes);
    this.#cpuSeconds = Math.max(this.#cpuSeconds, this.#cpu() - this.#beforeSeconds);
  }

  #cpu(): number {
    return cpuSeconds([...this.#programs, ...(this.#postgres === null ? [] : [this.#postgres])]);
  }
}
