import type { ChannelItem, ChannelsAnswer } from "#lib/contract/channels.ts";
import { channelKinds } from "#lib/notify/channels.ts";
import { channelById, listChannels } from "#lib/store/channels.ts";

import { channelItem } from "./channel-item.ts";
import type { ChannelContext } from "./save-channel.ts";

type Reading = Pick<ChannelContext, "db" | "project" | "box">;

/** Every channel, without its secrets, and every kind there is. */
export async function readChannels({ db, project, box }: Reading): Promise<ChannelsAnswer> {
  const stored = await listChannels(db.pool, project);
  return {
    items: stored.map((channel) => channelItem(box, project, channel)),
    kinds: channelKinds.map(({ kind, title, settingsSchema, secrets }) => ({
      kind,
      title,
      settingsSchema: withoutSigning(settingsSchema),
      secrets: secrets.filter((name) => name !== "signing"),
    })),
  };
}

/** One channel; null when there is none. */
export async function readChannel(
  { db, project, box }: Reading,
  id: string,
): Promise<ChannelItem | null> {
  const stored = await channelById(db.pool, project, id);
  return stored === null ? null : channelItem(box, project, stored);
}

/** Signing secrets are made, never entered. */
function withoutSigning(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = Object.entries(Object(schema["properties"]));
  return {
    ...schema,
    properties: Object.fromEntries(properties.filter(([name]) => name !== "signing")),
  };
}
