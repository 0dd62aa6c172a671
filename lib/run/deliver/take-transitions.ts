import { alertEvent } from "#lib/contract/alert-event.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import {
  lockIntake,
  projectsWithOutbox,
  putAlerts,
  takeOutbox,
  type OutboxRow,
} from "#lib/store/notification-alerts.ts";
import { hastenRetriedGroups, placeAlerts } from "#lib/store/notification-groups.ts";
import { log } from "#lib/telemetry/log.ts";

import { policyOf } from "../notification-policy.ts";
import { placementsOf } from "./place.ts";
import { toldAlert } from "./told-alert.ts";

const rowsMax = 500;

/** Moves what the outbox holds into groups: each transition once, in its order. Gives how many. */
export async function takeTransitions(db: Database, nowMs: number): Promise<number> {
  let taken = 0;
  for (const project of await projectsWithOutbox(db)) {
    taken += await takeOf(db, project, nowMs);
  }
  return taken;
}

function takeOf(db: Database, project: number, nowMs: number): Promise<number> {
  return inTransaction(db, async (client) => {
    await lockIntake(client, project);
    const rows = await takeOutbox(client, project, rowsMax);
    const latest = [...new Map(rows.filter(isReadable).map((row) => [row.groupKey, row])).values()];
    if (latest.length === 0) return rows.length;
    const alerts = latest.map((row) => ({
      alertKey: row.groupKey,
      version: row.id,
      status: alertEvent.parse(row.payload).status,
      alert: row.payload,
      createdAtMs: row.createdAtMs,
    }));
    const { policy } = await policyOf(client, project);
    await putAlerts(client, project, alerts, nowMs);
    const placements = alerts.flatMap((row) =>
      placementsOf(policy, toldAlert(row), row.createdAtMs),
    );
    if (placements.length > 0) await placeAlerts(client, project, placements);
    await hastenRetriedGroups(
      client,
      project,
      alerts.map((row) => row.alertKey),
      nowMs,
    );
    return rows.length;
  });
}

/** A row that nobody can read would stop all others; it is told to the operator and left out. */
function isReadable(row: OutboxRow): boolean {
  const read = alertEvent.safeParse(row.payload);
  if (read.success) return true;
  log.error({ groupKey: row.groupKey, err: read.error }, "a transition cannot be read");
  return false;
}
