import { randomUUID } from "node:crypto";

import type { DeliveryResent } from "#lib/contract/deliveries.ts";
import type { Database } from "#lib/db/open.ts";
import { channelById } from "#lib/store/channels.ts";
import { deliveryContent, insertDelivery, isWhole } from "#lib/store/deliveries.ts";

import { CommandRefused } from "./command-refused.ts";

/** Sends the message of a delivery once more, as a delivery of its own; what channels are held to know does not change. */
export async function resend(
  db: Database,
  project: number,
  id: string,
  nowMs: number,
): Promise<DeliveryResent> {
  const before = await deliveryContent(db.pool, project, id);
  if (before === null) throw new CommandRefused(404, "There is no such delivery.");
  if (!isWhole(before.message)) {
    throw new CommandRefused(409, "What it said is no longer kept, after 30 days.");
  }
  const channel = await channelById(db.pool, project, before.channelId);
  if (channel === null) throw new CommandRefused(409, "Its channel was removed.");
  if (channel.disabledReason !== null) {
    throw new CommandRefused(409, "Its channel is switched off: switch it on first.");
  }
  const again = { ...before, id: randomUUID(), kind: "resend" as const, channelName: channel.name };
  await insertDelivery(db.pool, project, again, { nowMs, dueMs: nowMs });
  return { id: again.id };
}
