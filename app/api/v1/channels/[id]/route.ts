import { channelParams, channelUpdate } from "#lib/contract/channels.ts";
import { readChannel } from "#lib/run/read-channels.ts";
import { changeChannel, removeChannel } from "#lib/run/save-channel.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { thingQuestion } from "../../../answer.ts";
import { command } from "../../../command.ts";

export const GET = thingQuestion(
  channelParams,
  async ({ db, project, params }) => readChannel(await webNotify(db, project), params.id),
  "There is no such channel.",
);

export const PUT = command(
  { params: channelParams, body: channelUpdate },
  async ({ db, project, params, body }) =>
    changeChannel(await webNotify(db, project), params.id, body),
);

export const DELETE = command({ params: channelParams }, async ({ db, project, params }) => {
  await removeChannel(db, project, params.id, Date.now());
  return { id: params.id };
});
