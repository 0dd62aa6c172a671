import { busy } from "./http/refusal.ts";

export interface HeldLimits {
  /** Above this many bytes no further body is begun until some are let go. */
  readonly soft: number;
  /** Above this many bytes even a body that was begun is refused. */
  readonly hard: number;
  /** How long a request waits for the others before it is refused. */
  readonly waitMsMax: number;
}

/** Bytes of one request that are in memory. */
export interface Hold {
  /** Takes more bytes; throws a Refusal when there are too many in all. */
  add(bytes: number): void;
  /** The body is whole: what was expected beyond it is free for others. */
  settle(): void;
  /** Lets bytes go before the request is done. */
  drop(bytes: number): void;
  /** Lets go of all that are left; may be called again. */
  release(): void;
}

/** The one budget of bytes that requests may hold between their first byte and their answer. */
export class HeldBytes {
  readonly #limits: HeldLimits;
  /** Who waits to begin, first come first. */
  readonly #waiting = new Set<() => void>();
  #held = 0;

  constructor(limits: HeldLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#held;
  }

  /**
   * Lets a request begin: at once below the soft mark, else when others are done; rejects with a Refusal
   * when it would wait too long. What it is expected to bring is counted from here on.
   */
  admit(expectedBytes: number, waitMsMax = this.#limits.waitMsMax): Promise<Hold> {
    if (this.#held < this.#limits.soft) return Promise.resolve(this.#hold(expectedBytes));
    return new Promise((resolve, reject) => {
      const grant = () => {
        clearTimeout(timer);
        this.#waiting.delete(grant);
        resolve(this.#hold(expectedBytes));
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(grant);
        reject(tooBusy());
      }, waitMsMax);
      this.#waiting.add(grant);
    });
  }

  #hold(expectedBytes: number): Hold {
    let used = 0;
    let charged = Math.min(expectedBytes, Math.max(0, this.#limits.hard - this.#held));
    this.#held += charged;
    const charge = (bytes: number) => {
      this.#held += bytes - charged;
      charged = bytes;
      this.#wake();
    };
    return {
      add: (bytes) => {
        const more = used + bytes - charged;
        if (more > 0 && this.#held + more > this.#limits.hard) throw tooBusy();
        used += bytes;
        if (more > 0) charge(used);
      },
      settle: () => charge(used),
      drop: (bytes) => {
        used -= bytes;
        charge(used);
      },
      release: () => {
        used = 0;
        charge(0);
      },
    };
  }

  #wake(): void {
    for (const grant of this.#waiting) {
      if (this.#held >= this.#limits.soft) return;
      grant();
    }
  }
}

function tooBusy() {
  return busy("overload", "Too much telemetry is waiting to be stored; send it again in a moment.");
}
