import { channelTest } from "#lib/contract/channels.ts";
import { testChannel } from "#lib/run/test-channel.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { command } from "../../../command.ts";

export const POST = command({ body: channelTest }, async ({ db, project, body }) =>
  testChannel(await webNotify(db, project), body, Date.now()),
);
