import type { ChannelItem } from "#lib/contract/channels.ts";
import type { StoredChannel } from "#lib/store/channels.ts";

import { placeOfSecrets, type SecretBox } from "./channel-secrets.ts";

/** A stored channel as everybody may see it: which secrets are set, never what they are. */
export function channelItem(box: SecretBox, project: number, stored: StoredChannel): ChannelItem {
  return {
    id: stored.id,
    name: stored.name,
    kind: stored.kind,
    settings: { ...stored.settings },
    secretsSet: namesOfSecrets(box, project, stored),
    hint: stored.hint,
    sendResolved: stored.sendResolved,
    titleTemplate: stored.titleTemplate,
    bodyTemplate: stored.bodyTemplate,
    disabledReason: stored.disabledReason,
    revision: stored.revision,
    createdAt: stored.createdAt.toISOString(),
    updatedAt: stored.updatedAt.toISOString(),
  };
}

/** Secrets that were sealed with a key that is gone count as not set: somebody has to enter them again. */
function namesOfSecrets(box: SecretBox, project: number, stored: StoredChannel): string[] {
  try {
    return Object.keys(box.open(placeOfSecrets(project, stored.id), stored.sealed));
  } catch {
    return [];
  }
}
