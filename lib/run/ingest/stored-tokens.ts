import type { Database } from "#lib/db/open.ts";
import type { KnownToken, TokenBook, TokenUse } from "#lib/receive/access.ts";
import { RateLimit } from "#lib/receive/rate-limit.ts";
import { noteTokensUsed, tokensByHash, type StoredToken } from "#lib/store/tokens.ts";
import { log } from "#lib/telemetry/log.ts";

import type { SpentOfTokens } from "../role.ts";

/** A token that was revoked is refused after this at the latest. */
const refreshMs = 1_000;
/** Unknown tokens make us look again, but no oftener than this: guessing must not cost the database anything. */
const lookAgainMs = 250;
const noteUsedMs = 5_000;

/**
 * The stored tokens as this process last read them. While the database is away, those that were known stay known,
 * and of others nothing is said.
 */
export class StoredTokens implements TokenBook {
  readonly #db: Database;
  readonly #nowMs: () => number;
  readonly #limits = new Map<string, Limits>();
  readonly #usedMs = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[];
  #byHash: ReadonlyMap<string, StoredToken> = new Map();
  #readAtMs = -Infinity;
  #next: Promise<void> | null = null;

  constructor(db: Database, nowMs: () => number = Date.now) {
    this.#db = db;
    this.#nowMs = nowMs;
    this.#timers = [
      setInterval(() => void this.#refreshed().catch(() => undefined), refreshMs),
      setInterval(() => void this.#noteUsed(), noteUsedMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  async find(hash: string): Promise<KnownToken | null> {
    if (!this.#byHash.has(hash)) await this.#refreshed();
    const stored = this.#byHash.get(hash);
    if (stored === undefined) return null;
    const nowMs = this.#nowMs();
    const state = stateOf(stored, nowMs);
    if (state === "good") this.#usedMs.set(stored.id, nowMs);
    const { id, project } = stored;
    return { id, project, use: useOf(stored), state, ...this.#limitsOf(stored, nowMs) };
  }

  /** What the limits of tokens were spent on here since this was last asked. */
  takeSpent(): SpentOfTokens {
    const spent = [...this.#limits].map(([id, { records, bytes }]): [string, [number, number]] => [
      id,
      [records?.takeSpent() ?? 0, bytes?.takeSpent() ?? 0],
    ]);
    return Object.fromEntries(spent.filter(([, [records, bytes]]) => records + bytes > 0));
  }

  /** Limits hold for all ingest processes together; others have spent this of them. */
  spentElsewhere(spent: SpentOfTokens): void {
    const nowMs = this.#nowMs();
    for (const stored of this.#byHash.values()) {
      const [records, bytes] = spent[stored.id] ?? [0, 0];
      if (records + bytes === 0) continue;
      const limits = this.#limitsOf(stored, nowMs);
      limits.records?.spentElsewhere(records, nowMs);
      limits.bytes?.spentElsewhere(bytes, nowMs);
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#next?.catch(() => undefined);
    await this.#noteUsed();
  }

  /** Resolves when all tokens were read anew; whoever asks meanwhile shares the reading that has not begun. */
  #refreshed(): Promise<void> {
    this.#next ??= this.#readNext().finally(() => (this.#next = null));
    return this.#next;
  }

  async #readNext(): Promise<void> {
    const waitMs = this.#readAtMs + lookAgainMs - this.#nowMs();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#readAtMs = this.#nowMs();
    this.#take(await tokensByHash(this.#db));
  }

  #take(byHash: ReadonlyMap<string, StoredToken>): void {
    this.#byHash = byHash;
    const ids = new Set([...byHash.values()].map(({ id }) => id));
    for (const id of this.#limits.keys()) if (!ids.has(id)) this.#limits.delete(id);
  }

  #limitsOf({ id, recordsPerSecond, bytesPerSecond }: StoredToken, nowMs: number): Limits {
    const known = this.#limits.get(id);
    if (known !== undefined) return known;
    const limits = {
      records: recordsPerSecond === null ? null : new RateLimit(recordsPerSecond, nowMs),
      bytes: bytesPerSecond === null ? null : new RateLimit(bytesPerSecond, nowMs),
    };
    this.#limits.set(id, limits);
    return limits;
  }

  async #noteUsed(): Promise<void> {
    const used = new Map(this.#usedMs);
    this.#usedMs.clear();
    try {
      await noteTokensUsed(this.#db, used);
    } catch (error) {
      log.warn({ err: error }, "the last use of tokens was not noted");
    }
  }
}

type Limits = Pick<KnownToken, "records" | "bytes">;

function stateOf({ revokedAt, expiresAt }: StoredToken, nowMs: number): KnownToken["state"] {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt.getTime() <= nowMs ? "expired" : "good";
}

function useOf({ use }: StoredToken): TokenUse {
  return use === "metrics" ? "metrics" : "ingest";
}
