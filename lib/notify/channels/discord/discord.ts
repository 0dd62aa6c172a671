import { z } from "zod";

import { channelKind } from "../../channel-kind.ts";
import { cutRunes, runesOf } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { fieldOf, jsonOf, unreadable, verdictOfStatus } from "../../verdict.ts";
import { linesOf, markdown, write } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl } from "../settings.ts";

const titleRunesMax = 256;
const descriptionRunesMax = 4_096;
const red = 0x99_2d_22;
const green = 0x2e_cc_71;

export const discord = channelKind({
  kind: "discord",
  title: "Discord",
  schema: z.object({ url: hookUrl }),
  secrets: ["url"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, title, body, nowMs }, config) {
    const fits = (text: string) => runesOf(text) <= descriptionRunesMax;
    const response = yield jsonRequest(awaited(config.url), {
      embeds: [
        {
          title: cutRunes(title ?? message.title, titleRunesMax),
          url: message.externalURL,
          description: cutRunes(
            body ?? write(linesOf(message), markdown, fits),
            descriptionRunesMax,
          ),
          color: message.status === "firing" ? red : green,
          timestamp: message.alerts[0]?.startsAt,
        },
      ],
      // Labels come from telemetry: nobody may ring a whole server through them.
      allowed_mentions: { parse: [] },
    });
    const verdict = verdictOfStatus(response, nowMs);
    if (verdict.kind !== "delivered" || response.status === 204) return verdict;
    return fieldOf(jsonOf(response.body), "id") === undefined ? unreadable(response) : verdict;
  },
});

/** Asks Discord to answer once the message stands, with the message. */
function awaited(url: string): string {
  const address = new URL(url);
  address.searchParams.set("wait", "true");
  return address.href;
}
