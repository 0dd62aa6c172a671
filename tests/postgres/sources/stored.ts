import { setTimeout as sleep } from "node:timers/promises";

import type { ExchangeItem } from "#lib/contract/exchanges.ts";
import type { Database } from "#lib/db/open.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import type { Scope } from "#lib/query/scope.ts";
import { queryTls } from "#lib/query/tls.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";

/** Asked until a program is seen to log, and then forgotten. */
export const warmUpPath = "/warm-up";

/** What a Viascope tells of the proxies that sent to it. */
export interface Stored {
  /** What is stored of a proxy, in the order of its paths, when it is as much as awaited. */
  exchanges(proxy: string, awaited: number): Promise<ExchangeItem[]>;
  /** What is counted of a proxy and of its upstreams; lines that belong to one request may have come apart. */
  counts(proxy: string): Promise<Counted>;
  /** Handshakes of a proxy that failed, as `side reason`. */
  tlsFailures(proxy: string, awaited: number): Promise<string[]>;
}

export interface Counted {
  readonly requests: number;
  readonly errors: number;
  readonly notFound: number;
  /** Cache outcome → requests, without those of which there were none. */
  readonly cache: Readonly<Record<string, number>>;
  /** Upstream → attempts, and those of them that failed. */
  readonly upstreams: Readonly<Record<string, readonly [attempts: number, errors: number]>>;
}

/** Asks a database for it. */
export function storedIn(database: Database): Stored {
  return {
    exchanges: (proxy, awaited) =>
      untilAsMany(awaited, async () => {
        const params = { proxy, order: "newest", limit: 200 } as const;
        const items = await readExchanges(database, scope(), params);
        return items
          .filter(({ path }) => path !== warmUpPath)
          .toSorted((a, b) => placeOf(a).localeCompare(placeOf(b), "en"));
      }),
    async counts(proxy) {
      const [proxies, upstreams] = await Promise.all([
        queryProxies(database, scope()),
        queryUpstreams(database, scope()),
      ]);
      const own = proxies.find((summary) => summary.proxy === proxy);
      if (own === undefined) throw new Error(`Nothing is counted of ${proxy}.`);
      const { requests, errors, notFound, cache } = own;
      return {
        requests,
        errors,
        notFound,
        cache: Object.fromEntries(Object.entries(cache ?? {}).filter(([, count]) => count > 0)),
        upstreams: Object.fromEntries(
          upstreams
            .filter((summary) => summary.proxy === proxy)
            .map(({ upstream, attempts, errors: failed }) => [upstream, [attempts, failed]]),
        ),
      };
    },
    tlsFailures: (proxy, awaited) =>
      untilAsMany(awaited, async () => {
        const found = await queryTls(database, scope());
        return found
          .filter((failure) => failure.proxy === proxy)
          .flatMap(({ side, reason, count }) =>
            Array.from({ length: count }, () => `${side} ${reason}`),
          )
          .toSorted();
      }),
  };
}

function scope(): Scope {
  const nowMs = Date.now();
  return { project: 1, window: { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 } };
}

/** By path, then by time; what is no request comes last. */
function placeOf({ path, time }: ExchangeItem): string {
  return `${path ?? "~"} ${time}`;
}

/** What was found when it is as much as awaited, or too much time went by; a little later, lest more comes. */
async function untilAsMany<T>(awaited: number, find: () => Promise<T[]>): Promise<T[]> {
  for (let tries = 0; ; tries += 1) {
    const found = await find();
    if (found.length > awaited || tries > 150) return found;
    if (found.length === awaited) return sleep(150).then(find);
    await sleep(100);
  }
}
