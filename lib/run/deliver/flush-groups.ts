import { randomUUID } from "node:crypto";

import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { alertMessage } from "#lib/notify/alert-message.ts";
import type { Alert } from "#lib/notify/alert.ts";
import { entryOf, withHidden, type Decision } from "#lib/notify/decide.ts";
import { rootOf, routeByKey, type Route } from "#lib/notify/policy.ts";
import { listChannels, type StoredChannel } from "#lib/store/channels.ts";
import {
  insertDelivery,
  openDeliveries,
  supersede,
  type OpenDelivery,
} from "#lib/store/deliveries.ts";
import {
  alertsOfGroup,
  dropFromGroup,
  postponeFlush,
  putFlushed,
  takeDueGroup,
  type StoredGroup,
} from "#lib/store/notification-groups.ts";
import { logEntries, putLogEntry, type StoredLogEntry } from "#lib/store/notification-log.ts";
import { log } from "#lib/telemetry/log.ts";

import { policyOf } from "../notification-policy.ts";
import { activeSilences } from "./active-silences.ts";
import { formerChannels, onlyEnds, rememberFormer } from "./former-channels.ts";
import {
  decidedMembers,
  memberAlert,
  membersOf,
  spokenMembers,
  type Member,
} from "./group-members.ts";
import { heardOf, nextMessage } from "./next-message.ts";
import { offendingExchanges } from "./offending-exchanges.ts";
import type { ToldAlert } from "./told-alert.ts";

const groupsMax = 200;
const heldAgainMs = 1_000;
const failedAgainMs = 30_000;

/** Looks at every group that is due, and queues what its channels have to be told. Gives how many messages. */
export async function flushGroups(
  db: Database,
  nowMs: number,
  externalUrl: string,
): Promise<number> {
  let queued = 0;
  for (let looked = 0; looked < groupsMax; looked += 1) {
    const one = await flushNext(db, nowMs, externalUrl);
    if (one === null) break;
    queued += one;
  }
  return queued;
}

async function flushNext(db: Database, nowMs: number, externalUrl: string): Promise<number | null> {
  let taken: StoredGroup | null = null;
  try {
    return await inTransaction(db, async (client) => {
      taken = await takeDueGroup(client, nowMs);
      return taken === null ? null : flushGroup({ db, client, group: taken, nowMs, externalUrl });
    });
  } catch (error) {
    if (taken === null) throw error;
    // One group that cannot be told must not keep the others from being told.
    log.error({ err: error, group: taken }, "a group of alerts could not be told");
    await postponeFlush(db.pool, taken, nowMs + failedAgainMs);
    return 0;
  }
}

interface Flush {
  readonly db: Database;
  readonly client: ClientBase;
  readonly group: StoredGroup;
  readonly nowMs: number;
  readonly externalUrl: string;
}

async function flushGroup(flush: Flush): Promise<number> {
  const { client, group, nowMs } = flush;
  const { policy } = await policyOf(client, group.project);
  const route = routeByKey(policy, group.routeKey) ?? { ...rootOf(policy), channels: [] };
  const told = (await alertsOfGroup(client, group.project, group.id)).map(memberAlert);
  if (told.length === 0) {
    await dropFromGroup(client, group.project, group.id, told);
    return 0;
  }
  const open = await openDeliveries(client, group.project, group.id, nowMs);
  if ([...open.values()].some((delivery) => delivery.held)) {
    // What its answer will be decides what there is to say.
    await postponeFlush(client, group, nowMs + heldAgainMs);
    return 0;
  }
  const silences = await activeSilences(client, group.project, nowMs);
  const facts: Facts = {
    ...flush,
    route,
    told,
    open,
    members: await membersOf(flush, policy, told, silences),
    isFormer: false,
  };
  const queued = await tellChannels(facts);
  await putFlushed(client, group, nowMs, nowMs + route.groupIntervalMs);
  return queued;
}

interface Facts extends Flush {
  readonly route: Route;
  readonly told: readonly ToldAlert[];
  readonly members: readonly Member[];
  readonly open: ReadonlyMap<string, OpenDelivery>;
  /** Whether they are as a former channel may hear of them. */
  readonly isFormer: boolean;
}

async function tellChannels(facts: Facts): Promise<number> {
  const { client, group, route, nowMs, told, open } = facts;
  const entries = await logEntries(client, group.project, group.id, nowMs);
  const former = await formerChannels(client, group.project, route, { entries, open });
  const ending = { ...facts, members: onlyEnds(facts.members), isFormer: true };
  const knownOf = ({ id }: StoredChannel) => entries.get(id) ?? null;
  let queued = 0;
  let waiting = 0;
  const tellOne = async (channel: StoredChannel, of: Facts) => {
    const done = await tellChannel(of, channel, knownOf(channel));
    queued += done.queued;
    waiting += done.waiting;
  };
  for (const channel of await channelsOf(client, group.project, route))
    await tellOne(channel, facts);
  for (const channel of former) await tellOne(channel, ending);
  await rememberFormer(
    client,
    { project: group.project, groupId: group.id },
    former,
    nowMs + logMs(route),
  );
  if (queued === 0 && waiting === 0) {
    const ended = told.filter(({ alert }) => alert.status === "resolved");
    await dropFromGroup(client, group.project, group.id, ended);
  }
  return queued;
}

interface Queued {
  readonly queued: number;
  readonly waiting: number;
}

async function tellChannel(
  facts: Facts,
  channel: StoredChannel,
  entry: StoredLogEntry | null,
): Promise<Queued> {
  const { client, group, route, nowMs } = facts;
  const standing = facts.open.get(channel.id);
  const repeat = { repeatIntervalMs: route.repeatIntervalMs, sendResolved: channel.sendResolved };
  const message = nextMessage(facts.members, { entry, standing }, nowMs, repeat);
  if (message.kind === "tell") {
    return { queued: await tell(facts, channel, message.decision, entry), waiting: 0 };
  }
  if (message.kind === "drop") {
    await supersede(client, group.project, [message.delivery.id], message.why, nowMs);
    if (facts.isFormer && message.delivery.attempts > 0) {
      // It may have been heard: its end has to be told, whenever that is.
      const heard = heardOf(message.delivery, nowMs);
      await remember(facts, channel, {
        ...heard,
        firing: [...heard.firing, ...(entry?.firing ?? [])],
      });
    }
  }
  return { queued: 0, waiting: message.kind === "wait" ? 1 : 0 };
}

function remember(
  { client, group, route, nowMs }: Facts,
  channel: StoredChannel,
  entry: StoredLogEntry,
): Promise<void> {
  const place = { groupId: group.id, channelId: channel.id };
  return putLogEntry(client, group.project, place, entry, nowMs + logMs(route));
}

async function channelsOf(
  client: ClientBase,
  project: number,
  route: Route,
): Promise<StoredChannel[]> {
  const known = await listChannels(client, project);
  return known.filter(
    (channel) => channel.disabledReason === null && route.channels.includes(channel.id),
  );
}

async function tell(
  facts: Facts,
  channel: StoredChannel,
  decision: Decision,
  entry: StoredLogEntry | null,
): Promise<number> {
  const { client, group, route, nowMs } = facts;
  const standing = facts.open.get(channel.id);
  if (standing !== undefined) {
    await supersede(client, group.project, [standing.id], "A newer message took its place.", nowMs);
  }
  const spoken = spokenMembers(facts.members, decision, channel.sendResolved);
  if (spoken.length === 0) {
    // The channel wants no resolved messages; that they ended is noted all the same.
    const heard = entryOf(decision.visible, nowMs);
    await remember(facts, channel, withHidden(heard, entry, facts.members));
    return 0;
  }
  const alerts = await Promise.all(
    spoken.map((member, place) => withExchanges(facts, member, place)),
  );
  const message = alertMessage(alerts, {
    groupKey: group.groupKey,
    groupLabels: group.groupLabels,
    routeLabels: {},
    receiver: channel.name,
    reason: decision.reason,
    externalUrl: facts.externalUrl,
  });
  const delivery = {
    id: randomUUID(),
    channelId: channel.id,
    channelName: channel.name,
    kind: "alert" as const,
    groupId: group.id,
    groupKey: group.groupKey,
    flush: group.flushes + 1,
    reason: decision.reason,
    message,
    members: decidedMembers(facts.members, decision),
    repeatIntervalMs: route.repeatIntervalMs,
  };
  await insertDelivery(client, group.project, delivery, { nowMs, dueMs: nowMs });
  return 1;
}

/** How long the log remembers what a channel was told: past the next repetition. */
export function logMs(route: Pick<Route, "repeatIntervalMs">): number {
  return Math.max(432_000_000, 2 * route.repeatIntervalMs);
}

const alertsWithExchanges = 5;

async function withExchanges(
  { db, group }: Facts,
  { told }: Member,
  place: number,
): Promise<Alert> {
  if (place >= alertsWithExchanges) return told.alert;
  return { ...told.alert, exchanges: await offendingExchanges(db, group.project, told.alert) };
}
