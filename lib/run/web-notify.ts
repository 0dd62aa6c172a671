import { readSettings } from "#lib/config/settings.ts";
import type { Database } from "#lib/db/open.ts";
import { targetGuard } from "#lib/guard/target-guard.ts";
import type { Send } from "#lib/notify/send-request.ts";

import { secretBox, type SecretBox } from "./channel-secrets.ts";
import { externalUrlOf, messageSender } from "./deliver.ts";
import type { ChannelContext } from "./save-channel.ts";

let box: Promise<SecretBox> | null = null;

/** What the web role needs to save channels and to try them. */
export async function webNotify(
  db: Database,
  project: number,
): Promise<ChannelContext & { readonly send: Send; readonly externalUrl: string }> {
  const settings = readSettings();
  box ??= secretBox(settings).catch((error: unknown) => {
    box = null;
    throw error;
  });
  const guard = targetGuard(settings.webhookAllow);
  return {
    db,
    project,
    box: await box,
    guard,
    send: messageSender(settings, { guard }),
    externalUrl: externalUrlOf(settings),
  };
}
