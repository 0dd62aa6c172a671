import { templatePreview } from "#lib/contract/channels.ts";
import { previewTemplates } from "#lib/run/test-channel.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { command } from "../../../command.ts";

export const POST = command({ body: templatePreview }, async ({ db, project, body }) =>
  previewTemplates((await webNotify(db, project)).externalUrl, body, Date.now()),
);
