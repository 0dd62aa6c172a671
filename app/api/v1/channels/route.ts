import { z } from "zod";

import { channelChange } from "#lib/contract/channels.ts";
import { readChannels } from "#lib/run/read-channels.ts";
import { createChannel } from "#lib/run/save-channel.ts";
import { webNotify } from "#lib/run/web-notify.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  async ({ db, project }) => readChannels(await webNotify(db, project)),
  "There are no channels.",
);

export const POST = command({ body: channelChange }, async ({ db, project, body }) =>
  createChannel(await webNotify(db, project), body, Date.now()),
);
