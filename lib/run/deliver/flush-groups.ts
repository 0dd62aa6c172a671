import { randomUUID } from "node:crypto";

import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { alertMessage } from "#lib/notify/alert-message.ts";
import type { Alert } from "#lib/notify/alert.ts";
import {
  decideNotification,
  entryOf,
  type Decision,
  type GroupMember,
} from "#lib/notify/decide.ts";
import { muteOf, type Silence } from "#lib/notify/mute.ts";
import { routeByKey, type NotificationPolicy, type Route } from "#lib/notify/policy.ts";
import { listChannels, type StoredChannel } from "#lib/store/channels.ts";
import {
  insertDelivery,
  openDeliveries,
  supersede,
  type DeliveryMember,
  type OpenDelivery,
} from "#lib/store/deliveries.ts";
import { everyAlert } from "#lib/store/notification-alerts.ts";
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
import { offendingExchanges } from "./offending-exchanges.ts";
import { readableAlerts, toldAlert, type ToldAlert } from "./told-alert.ts";

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
  const route = routeByKey(policy, group.routeKey);
  const told = (await alertsOfGroup(client, group.project, group.id)).map(toldAlert);
  if (route === null || told.length === 0) {
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
  };
  const queued = await tellChannels(facts);
  await putFlushed(client, group, nowMs, nowMs + route.groupIntervalMs);
  return queued;
}

interface Member extends GroupMember {
  readonly told: ToldAlert;
}

async function membersOf(
  { client, group, nowMs }: Flush,
  policy: NotificationPolicy,
  told: readonly ToldAlert[],
  silences: readonly Silence[],
): Promise<Member[]> {
  const others =
    policy.inhibit.length === 0
      ? []
      : readableAlerts(await everyAlert(client, group.project)).map(({ alert }) => alert);
  return told.map((one) => ({
    fingerprint: one.alert.fingerprint,
    status: one.alert.status,
    muted: muteOf(one.alert, others, silences, policy.inhibit, nowMs) !== null,
    told: one,
  }));
}

interface Facts extends Flush {
  readonly route: Route;
  readonly told: readonly ToldAlert[];
  readonly members: readonly Member[];
  readonly open: ReadonlyMap<string, OpenDelivery>;
}

async function tellChannels(facts: Facts): Promise<number> {
  const { client, group, route, nowMs, open, told } = facts;
  const channels = await channelsOf(client, group.project, route);
  const entries = await logEntries(client, group.project, group.id, nowMs);
  let queued = 0;
  let waiting = 0;
  for (const channel of channels) {
    const standing = open.get(channel.id);
    const message = nextMessage(facts, channel, entries.get(channel.id) ?? null, standing);
    if (message.kind === "tell") queued += await tell(facts, channel, message.decision, standing);
    if (message.kind === "drop") {
      await supersede(client, group.project, [message.delivery.id], message.why, nowMs);
    }
    if (message.kind === "wait") waiting += 1;
  }
  if (queued === 0 && waiting === 0) {
    const ended = told.filter(({ alert }) => alert.status === "resolved");
    await dropFromGroup(client, group.project, group.id, ended);
  }
  return queued;
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

type NextMessage =
  | { readonly kind: "nothing" }
  /** What is on its way says it already. */
  | { readonly kind: "wait" }
  | { readonly kind: "drop"; readonly delivery: OpenDelivery; readonly why: string }
  | { readonly kind: "tell"; readonly decision: Decision };

function nextMessage(
  { members, nowMs, route }: Facts,
  channel: StoredChannel,
  entry: StoredLogEntry | null,
  standing: OpenDelivery | undefined,
): NextMessage {
  const repeat = { repeatIntervalMs: route.repeatIntervalMs, sendResolved: channel.sendResolved };
  const decision = decideNotification(entry, members, nowMs, repeat);
  if (standing === undefined)
    return decision === null ? { kind: "nothing" } : { kind: "tell", decision };
  if (decision !== null) {
    return saysTheSame(standing, decision) ? { kind: "wait" } : { kind: "tell", decision };
  }
  const maybe =
    standing.attempts === 0
      ? null
      : decideNotification(assumed(standing, nowMs), members, nowMs, repeat);
  // An attempt without an answer may have been heard: then the end has to be told as well.
  if (maybe !== null) return { kind: "tell", decision: maybe };
  return { kind: "drop", delivery: standing, why: "There is nothing left to tell." };
}

/** What the channel would know, had it heard what was tried. */
function assumed(standing: OpenDelivery, nowMs: number): StoredLogEntry {
  return entryOf(
    standing.members.map((member) => ({ ...member, muted: false })),
    nowMs,
  );
}

function saysTheSame(standing: OpenDelivery, decision: Decision): boolean {
  return textOf(standing.members) === textOf(decision.visible);
}

function textOf(members: readonly Pick<GroupMember, "fingerprint" | "status">[]): string {
  return members
    .map((member) => `${member.fingerprint} ${member.status}`)
    .toSorted()
    .join();
}

async function tell(
  facts: Facts,
  channel: StoredChannel,
  decision: Decision,
  standing: OpenDelivery | undefined,
): Promise<number> {
  const { client, group, route, nowMs } = facts;
  if (standing !== undefined) {
    await supersede(client, group.project, [standing.id], "A newer message took its place.", nowMs);
  }
  const spoken = spokenMembers(facts.members, decision, channel.sendResolved);
  if (spoken.length === 0) {
    // The channel wants no resolved messages; that they ended is noted all the same.
    const place = { groupId: group.id, channelId: channel.id };
    const entry = entryOf(decision.visible, nowMs);
    await putLogEntry(client, group.project, place, entry, nowMs + logMs(route));
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

function spokenMembers(
  members: readonly Member[],
  decision: Decision,
  sendResolved: boolean,
): Member[] {
  const visible = new Set(decision.visible.map((member) => member.fingerprint));
  return members.filter(
    (member) => visible.has(member.fingerprint) && (sendResolved || member.status === "firing"),
  );
}

function decidedMembers(members: readonly Member[], decision: Decision): DeliveryMember[] {
  return spokenMembers(members, decision, true).map(({ told, fingerprint, status }) => ({
    alertKey: told.alertKey,
    version: told.version,
    fingerprint,
    status,
  }));
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
