import { setTimeout as sleep } from "node:timers/promises";

import type { Settings } from "#lib/config/settings.ts";
import { clusterFolder, startEmbeddedPostgres, type EmbeddedPostgres } from "#lib/db/embedded.ts";
import { openDatabase } from "#lib/db/open.ts";

import { notice } from "./announce.ts";
import { nextDelayMs } from "./back-off.ts";

export interface KeptDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Makes sure of a database: the one in DATABASE_URL, or an embedded one that is started again whenever it dies. */
export async function keepDatabase(settings: Settings): Promise<KeptDatabase> {
  if (settings.databaseUrl !== null) return checked(settings.databaseUrl);
  const folder = clusterFolder(settings.dataDir);
  const start = () => startEmbeddedPostgres({ folder, log: complain });
  const state = { server: await start(), stopping: new AbortController() };
  const loop = keepStarted(state, start);
  return {
    url: state.server.url,
    async stop() {
      state.stopping.abort();
      await state.server.stop();
      await loop;
    },
  };
}

/** Opens the database once, so that a wrong address is known before anything starts. */
async function checked(url: string): Promise<KeptDatabase> {
  const database = await openDatabase({ url, poolSize: 1, applicationName: "viascope-start" });
  await database.close();
  return { url, stop: () => Promise.resolve() };
}

/** Postgres numbers its own routine as LOG; what an operator must know is FATAL, ERROR or WARNING. */
function complain(line: string): void {
  if (/^(WARNING|ERROR|FATAL|PANIC):/.test(line)) notice(`database: ${line}`);
}

interface State {
  server: EmbeddedPostgres;
  readonly stopping: AbortController;
}

async function keepStarted(state: State, start: () => Promise<EmbeddedPostgres>): Promise<void> {
  const { signal } = state.stopping;
  let delayMs = 0;
  let startedMs = performance.now();
  let reason = await state.server.ended;
  while (!signal.aborted) {
    delayMs = nextDelayMs(delayMs, performance.now() - startedMs);
    notice(`database ended (${reason}); it starts again in ${delayMs / 1_000} s.`);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    startedMs = performance.now();
    reason = await start().then(
      async (server) => {
        state.server = server;
        if (signal.aborted) await server.stop();
        return server.ended;
      },
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }
}
