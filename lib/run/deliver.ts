import { randomUUID } from "node:crypto";

import type { Settings } from "#lib/config/settings.ts";
import { urlOfListener } from "#lib/config/settings.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { targetGuard, type TargetGuard } from "#lib/guard/target-guard.ts";
import { sender } from "#lib/notify/send-request.ts";
import { forgetRetiredChannels } from "#lib/store/channels.ts";
import {
  anythingDue,
  claimDeliveries,
  forgetDeliveries,
  type ClaimedDelivery,
} from "#lib/store/deliveries.ts";
import { forgetToldAlerts } from "#lib/store/notification-alerts.ts";
import { forgetLogEntries } from "#lib/store/notification-log.ts";
import { log } from "#lib/telemetry/log.ts";

import { secretBox, type SecretBox } from "./channel-secrets.ts";
import { flushGroups } from "./deliver/flush-groups.ts";
import { sendClaimed, type SendContext } from "./deliver/send-claimed.ts";
import { takeTransitions } from "./deliver/take-transitions.ts";

type DeliverSettings = Pick<
  Settings,
  "dataDir" | "secretKeys" | "webhookAllow" | "publicUrl" | "host" | "webPort"
>;

/** Carries alerts from the outbox to receivers. */
export interface Deliverer {
  /** One round: takes transitions, looks at groups, begins what is due. Attempts go on beside it. */
  run(nowMs: number): Promise<void>;
  /** Resolves when no attempt is under way. */
  settle(): Promise<void>;
}

/** What a test sets otherwise. */
export interface DeliverOptions {
  readonly clock: () => number;
  readonly random: () => number;
  readonly guard: TargetGuard;
  readonly timeoutMs: number;
  readonly leaseMs: number;
}

const attemptsMax = 48;
/** A channel with so many attempts under way gets no more for now, so that one that stalls does not delay the others. */
const attemptsPerChannelMax = 8;
const claimMax = 8;
const responseBytesMax = 65_536;
const logKeptMs = 30 * 86_400_000;
/** Timelines of alerts tell as long as they are kept who was told. */
const timelineKeptMs = 395 * 86_400_000;
const forgetEveryMs = 600_000;

/** Any number of workers may run one; each transition and each message is one worker's at a time. */
export function deliverer(
  db: Database,
  settings: DeliverSettings,
  options: Partial<DeliverOptions> = {},
): Deliverer {
  const { clock = Date.now, leaseMs = 60_000 } = options;
  const context = sendContext(db, settings, options);
  const externalUrl = externalUrlOf(settings);
  const running = new Map<Promise<void>, ClaimedDelivery>();
  let forgottenAtMs = 0;
  const begin = (claimed: ClaimedDelivery) => {
    const sending: Promise<void> = sendClaimed(context, claimed)
      .catch((error: unknown) => log.error({ err: error }, "an attempt was not written down"))
      .finally(() => running.delete(sending));
    running.set(sending, claimed);
  };
  const claim = () => {
    const free = Math.min(claimMax, attemptsMax - running.size);
    const times = { nowMs: clock(), leaseMs };
    const busy = busyChannels([...running.values()]);
    return free <= 0
      ? []
      : inTransaction(db, (client) => claimDeliveries(client, randomUUID(), times, free, busy));
  };
  const sendDue = async () => {
    for (let claimed = await claim(); claimed.length > 0; claimed = await claim()) {
      claimed.forEach(begin);
    }
  };
  return {
    async run(nowMs) {
      if (nowMs - forgottenAtMs >= forgetEveryMs) {
        forgottenAtMs = nowMs;
        await forget(db, nowMs);
      }
      if (!(await anythingDue(db, nowMs))) return;
      await takeTransitions(db, nowMs);
      await flushGroups(db, nowMs, externalUrl);
      await sendDue();
    },
    async settle() {
      while (running.size > 0) await Promise.all(running.keys());
    },
  };
}

function busyChannels(running: readonly ClaimedDelivery[]): string[] {
  const counts = new Map<string, number>();
  for (const { channelId } of running) counts.set(channelId, (counts.get(channelId) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= attemptsPerChannelMax).map(([id]) => id);
}

/** The address people reach Viascope at, for links in messages. */
export function externalUrlOf(settings: Pick<Settings, "publicUrl" | "host" | "webPort">): string {
  return settings.publicUrl ?? urlOfListener(settings.host, settings.webPort);
}

/** How messages leave this installation. */
export function messageSender(
  settings: Pick<Settings, "webhookAllow">,
  options: Partial<Pick<DeliverOptions, "guard" | "timeoutMs">> = {},
): SendContext["send"] {
  return sender({
    guard: options.guard ?? targetGuard(settings.webhookAllow),
    timeoutMs: options.timeoutMs ?? 15_000,
    responseBytesMax,
    userAgent: "Viascope",
  });
}

function sendContext(
  db: Database,
  settings: DeliverSettings,
  options: Partial<DeliverOptions>,
): SendContext {
  let box: Promise<SecretBox> | null = null;
  return {
    db,
    send: messageSender(settings, options),
    secrets: () => (box ??= secretBox(settings)),
    clock: options.clock ?? Date.now,
    random: options.random ?? Math.random,
  };
}

function forget(db: Database, nowMs: number): Promise<void> {
  return inTransaction(db, async (client) => {
    await forgetToldAlerts(client);
    await forgetRetiredChannels(client, nowMs);
    await forgetLogEntries(client, nowMs);
    await forgetDeliveries(client, {
      saidMs: nowMs - logKeptMs,
      sentMs: nowMs - timelineKeptMs,
    });
  });
}
