import { randomBytes, randomUUID } from "node:crypto";

import type { ChannelChange, ChannelSaved, ChannelUpdate } from "#lib/contract/channels.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import type { TargetGuard } from "#lib/guard/target-guard.ts";
import { channelKindOf } from "#lib/notify/channels.ts";
import { newSigningSecret } from "#lib/notify/signature.ts";
import {
  channelById,
  forgetRetiredChannels,
  insertChannel,
  listChannels,
  retireChannel,
  updateChannel,
  type ChannelContent,
} from "#lib/store/channels.ts";
import { supersedeResends } from "#lib/store/deliveries.ts";
import { hastenKnownGroups } from "#lib/store/notification-groups.ts";

import { channelItem } from "./channel-item.ts";
import { placeOfSecrets, type SecretBox } from "./channel-secrets.ts";
import { refuseTarget } from "./channels/refuse-target.ts";
import { rewriteSigning } from "./channels/rewrite-signing.ts";
import { settingsWithSecrets } from "./channels/settings-with-secrets.ts";
import { tellFirstChannel } from "./channels/tell-first-channel.ts";
import { withoutChannel } from "./channels/without-channel.ts";
import { CommandRefused } from "./command-refused.ts";

/** What saving a channel works with. */
export interface ChannelContext {
  readonly db: Database;
  readonly project: number;
  readonly box: SecretBox;
  readonly guard: TargetGuard;
}

/** Adds a channel. The first one of a project is told of every alert, until somebody draws the routes. */
export async function createChannel(
  context: ChannelContext,
  change: ChannelChange,
  nowMs: number,
): Promise<ChannelSaved> {
  const { db, project, box } = context;
  const signingSecret = change.kind === "webhook" ? newSigningSecret(randomBytes(32)) : null;
  const signing =
    signingSecret === null ? {} : { signing: [{ secret: signingSecret, endsAtMs: null }] };
  const content = await contentOf(context, randomUUID(), change, signing);
  const stored = await inTransaction(db, async (client) => {
    const inserted = await insertChannel(client, project, content);
    if (inserted !== null) await tellFirstChannel(client, project, inserted.id, nowMs);
    return inserted;
  });
  if (stored === null)
    throw new CommandRefused(409, `There is a channel called ${change.name} already.`);
  return { channel: channelItem(box, project, stored), signingSecret };
}

/** Changes a channel; secrets that are not given stay as they are. */
export async function changeChannel(
  context: ChannelContext,
  id: string,
  update: ChannelUpdate,
): Promise<ChannelSaved> {
  const { db, project, box } = context;
  const before = await channelById(db.pool, project, id);
  if (before === null) throw missing();
  if (before.kind !== update.kind)
    throw new CommandRefused(400, "The kind of a channel cannot be changed.");
  const taken = (await listChannels(db.pool, project)).some(
    (channel) => channel.name === update.name && channel.id !== id,
  );
  if (taken) throw new CommandRefused(409, `There is a channel called ${update.name} already.`);
  const secrets = box.open(placeOfSecrets(project, id), before.sealed);
  const content = await contentOf(context, id, update, secrets);
  const stored = await updateChannel(db.pool, project, content, update.revision);
  if (stored === null) throw overtaken();
  return { channel: channelItem(box, project, stored), signingSecret: null };
}

/** Gives a webhook a new signing secret; the one before signs as well until the overlap ends. */
export async function rotateSecret(
  context: ChannelContext,
  id: string,
  overlapHours: number,
  nowMs: number,
): Promise<ChannelSaved> {
  const { db, project, box } = context;
  const before = await channelById(db.pool, project, id);
  if (before === null) throw missing();
  if (before.kind !== "webhook") throw new CommandRefused(400, "Only webhooks are signed.");
  const signingSecret = newSigningSecret(randomBytes(32));
  const secrets = box.open(placeOfSecrets(project, id), before.sealed);
  const overlapMs = Math.round(overlapHours * 3_600_000);
  const rewritten = rewriteSigning(secrets, signingSecret, nowMs, overlapMs);
  const sealed = box.seal(placeOfSecrets(project, id), rewritten);
  const stored = await updateChannel(db.pool, project, { ...before, sealed }, before.revision);
  if (stored === null) throw overtaken();
  return { channel: channelItem(box, project, stored), signingSecret };
}

/** Removes a channel from everywhere. It is told nothing new; what it knows to be firing it hears the end of, and is gone then. */
export async function removeChannel(
  db: Database,
  project: number,
  id: string,
  nowMs: number,
): Promise<void> {
  await inTransaction(db, async (client) => {
    if (!(await retireChannel(client, project, id, nowMs))) throw missing();
    await supersedeResends(client, project, id, "The channel was removed.");
    await withoutChannel(client, project, id);
    await hastenKnownGroups(client, project, nowMs);
    await forgetRetiredChannels(client, nowMs);
  });
}

async function contentOf(
  { project, box, guard }: ChannelContext,
  id: string,
  change: ChannelChange,
  secretsBefore: Readonly<Record<string, unknown>>,
): Promise<ChannelContent> {
  const kind = channelKindOf(change.kind);
  if (kind === null)
    throw new CommandRefused(400, `There is no kind of channel called ${change.kind}.`);
  const { settings, secrets, hint } = settingsWithSecrets(kind, change.settings, secretsBefore);
  await refuseTarget(guard, kind.kind, { ...settings, ...secrets });
  return {
    id,
    name: change.name,
    kind: kind.kind,
    settings,
    sealed: box.seal(placeOfSecrets(project, id), secrets),
    hint,
    sendResolved: change.sendResolved,
    titleTemplate: change.titleTemplate,
    bodyTemplate: change.bodyTemplate,
    disabledReason: change.enabled ? null : "Switched off by an operator.",
  };
}

function missing(): CommandRefused {
  return new CommandRefused(404, "There is no such channel.");
}

function overtaken(): CommandRefused {
  return new CommandRefused(409, "Somebody changed the channel meanwhile: look at it again.");
}
