/** One record of `varnishncsa -c -b`, by its ids; null where it does not say. */
export interface VarnishSide<T> {
  readonly vxid: string | null;
  /** The attempt that this record says it began, and why: `fetch`, `pass`, `pipe`, `retry` or `bgfetch`. */
  readonly link: string | null;
  readonly linkReason: string | null;
  readonly startUs: number;
  readonly value: T;
}

/** An attempt: what began it, and why. */
export interface VarnishAttempt<T> extends VarnishSide<T> {
  readonly parent: string | null;
  readonly reason: string | null;
}

/** A request, and its attempts in the order they were made. */
export interface Joined<R, A> {
  readonly request: R;
  readonly attempts: readonly A[];
}

/**
 * Joins the attempts of one stream to their requests. Both threads write when they are done, so that either may come
 * first: a request that says that it began an attempt waits for it.
 */
export class VarnishJoiner<R, A> {
  readonly #chains = new Map<string, Chain<A>>();
  /** Attempt → its request; a retry's parent is the attempt before it. */
  readonly #requests = new Map<string, string>();
  /** Requests whose attempts are still to come, the oldest first. */
  readonly #waiting = new Map<string, VarnishSide<R>>();

  /** The request, when all of its attempts are known; null when it waits. */
  request(side: VarnishSide<R>): Joined<R, A> | null {
    const vxid = side.vxid ?? "";
    const isWhole = !begins(side, requestReasons) || this.#chains.get(vxid)?.isWhole === true;
    if (isWhole || this.#waiting.size >= waitingMax) return this.#joined(vxid, side.value);
    this.#waiting.set(vxid, side);
    return null;
  }

  /** Takes an attempt; gives the request that waited for it, or one that waited for too long. */
  attempt(side: VarnishAttempt<A>): Joined<R, A> | null {
    const { parent, vxid, reason, value } = side;
    // What Varnish fetches behind the client's back is part of no request.
    if (parent === null || reason === "bgfetch") return this.#overdue(side.startUs);
    if (this.#requests.size >= attemptsMax) this.#forget();
    const request = this.#requests.get(parent) ?? parent;
    this.#requests.set(vxid ?? "", request);
    const chain = this.#chains.get(request) ?? { attempts: [], vxids: [], isWhole: false };
    chain.attempts.push(value);
    chain.vxids.push(vxid ?? "");
    chain.isWhole = !begins(side, retryReasons);
    this.#chains.set(request, chain);
    const waiting = this.#waiting.get(request);
    if (waiting === undefined || !chain.isWhole) return this.#overdue(side.startUs);
    return this.#joined(request, waiting.value);
  }

  #joined(vxid: string, request: R): Joined<R, A> {
    const chain = this.#chains.get(vxid);
    for (const attempt of chain?.vxids ?? []) this.#requests.delete(attempt);
    this.#chains.delete(vxid);
    this.#waiting.delete(vxid);
    return { request, attempts: chain?.attempts ?? [] };
  }

  /** Varnish may drop records under load: a request must not wait for an attempt that never comes. */
  #overdue(nowUs: number): Joined<R, A> | null {
    for (const [vxid, { startUs, value }] of this.#waiting) {
      return startUs < nowUs - waitUsMax ? this.#joined(vxid, value) : null;
    }
    return null;
  }

  /** Attempts that no request came for are forgotten all at once. */
  #forget(): void {
    this.#chains.clear();
    this.#requests.clear();
  }
}

interface Chain<A> {
  readonly attempts: A[];
  readonly vxids: string[];
  /** Whether no further attempt is known to follow. */
  isWhole: boolean;
}

const attemptsMax = 1_000;
const waitingMax = 1_000;
const waitUsMax = 60_000_000;
const requestReasons: ReadonlySet<string> = new Set(["fetch", "pass", "pipe"]);
const retryReasons: ReadonlySet<string> = new Set(["retry"]);

function begins(side: VarnishSide<unknown>, reasons: ReadonlySet<string>): boolean {
  return side.link !== null && reasons.has(side.linkReason ?? "");
}
