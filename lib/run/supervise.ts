import { refuseOpenDoors } from "#lib/config/closed-doors.ts";
import type { Settings } from "#lib/config/settings.ts";
import { migrate } from "#lib/db/migrate.ts";

import { welcome } from "./supervise/announce.ts";
import { IngestRoles } from "./supervise/ingest-roles.ts";
import { keepDatabase, type KeptDatabase } from "./supervise/keep-database.ts";
import { keepRole, type KeptRole } from "./supervise/keep-role.ts";
import { refuseTakenPorts } from "./supervise/refuse-taken-ports.ts";
import { stopSignals } from "./supervise/stop-signals.ts";

/** Runs database, ingest, worker and web until a signal comes or one of them cannot start, then stops them in order. */
export async function supervise(settings: Settings): Promise<void> {
  refuseOpenDoors(settings, ["web", "ingest"]);
  const signals = stopSignals();
  const ingest = new IngestRoles(settings.ingestProcesses);
  const kept: Kept = { database: null, ingest, worker: null, web: null };
  try {
    await Promise.race([startAll(settings, kept), signals.first]);
    if (!signals.asked()) process.stdout.write(welcome(settings, portsOf(kept)));
    await Promise.race([signals.first, ...refusals(kept)]);
  } finally {
    await stopAll(kept);
  }
}

interface Kept {
  database: KeptDatabase | null;
  readonly ingest: IngestRoles;
  worker: KeptRole | null;
  web: KeptRole | null;
}

/**
 * More of ingest share the ports of the first, the web role forwards to them, and the worker writes links to the web role
 * into messages: each starts when the ports are known that it needs.
 */
async function startAll(settings: Settings, kept: Kept): Promise<void> {
  kept.database = await keepDatabase(settings);
  const DATABASE_URL = kept.database.url;
  await migrate(DATABASE_URL);
  if (settings.ingestProcesses > 1) await refuseTakenPorts(settings);
  const found = () => ({ ...asText(portsOf(kept)), DATABASE_URL });
  const first = kept.ingest.keep(found());
  await first.ready;
  for (let place = 1; place < settings.ingestProcesses; place += 1) {
    kept.ingest.keep(found());
  }
  kept.web = keepRole("web", found());
  await kept.web.ready;
  kept.worker = keepRole("worker", found());
  await Promise.all([...kept.ingest.all, kept.worker].map((role) => role.ready));
}

function rolesOf({ web, ingest, worker }: Kept): KeptRole[] {
  return [web, ...ingest.all, worker].filter((role) => role !== null);
}

function asText(ports: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `${port}`]));
}

function portsOf(kept: Kept): Readonly<Record<string, number>> {
  return Object.assign({}, ...rolesOf(kept).map((role) => role.ports()));
}

function refusals(kept: Kept): Promise<never>[] {
  return rolesOf(kept).map((role) => role.refused);
}

/** No new questions, then no new telemetry, then no background work, and the database last. */
async function stopAll(kept: Kept): Promise<void> {
  await kept.web?.stop();
  await Promise.all(kept.ingest.all.map((role) => role.stop()));
  await kept.worker?.stop();
  await kept.database?.stop();
}
