import { readSecretKeys } from "#lib/config/secret-key.ts";
import type { Settings } from "#lib/config/settings.ts";
import type { OpenChannel } from "#lib/notify/channel-kind.ts";
import { channelKindOf } from "#lib/notify/channels.ts";
import { seal, unseal } from "#lib/notify/seal.ts";
import type { StoredChannel } from "#lib/store/channels.ts";

/** Seals and opens the secrets of channels. */
export interface SecretBox {
  seal(place: string, secrets: Readonly<Record<string, unknown>>): Buffer;
  open(place: string, sealed: Uint8Array): Record<string, unknown>;
}

/** The box of this installation; its key is read when it is first needed. */
export async function secretBox(
  settings: Pick<Settings, "dataDir" | "secretKeys">,
): Promise<SecretBox> {
  const keys = await readSecretKeys(settings);
  return {
    seal: (place, secrets) => seal(keys, place, JSON.stringify(secrets)),
    open(place, sealed) {
      const value: unknown = JSON.parse(unseal(keys, place, sealed));
      return typeof value === "object" && value !== null ? { ...value } : {};
    },
  };
}

/** What the secrets of a channel belong to: they open nowhere else. */
export function placeOfSecrets(project: number, channelId: string): string {
  return `project ${project} channel ${channelId}`;
}

/** A stored channel, ready to be spoken through. */
export interface ReadyChannel {
  readonly channel: OpenChannel;
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** Opens a stored channel, or says why it cannot be used. */
export function readyChannel(
  box: SecretBox,
  project: number,
  stored: StoredChannel,
): ReadyChannel | string {
  const kind = channelKindOf(stored.kind);
  if (kind === null) return `There is no kind of channel called ${stored.kind}.`;
  const secrets = box.open(placeOfSecrets(project, stored.id), stored.sealed);
  const channel = kind.open({ ...stored.settings, ...secrets });
  return typeof channel === "string" ? channel : { channel, secrets };
}
