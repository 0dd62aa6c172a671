import { channelParams, secretRotation } from "#lib/contract/channels.ts";
import { rotateSecret } from "#lib/run/save-channel.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { command } from "../../../../command.ts";

export const POST = command(
  { params: channelParams, body: secretRotation },
  async ({ db, project, params, body }) =>
    rotateSecret(await webNotify(db, project), params.id, body.overlapHours, Date.now()),
);
