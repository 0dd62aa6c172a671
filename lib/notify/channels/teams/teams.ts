import { z } from "zod";

import type { AlertMessage } from "../../alert-message.ts";
import { channelKind } from "../../channel-kind.ts";
import { bytesOf, cutBytes, cutRunes } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { fieldOf, jsonOf, verdictOfStatus } from "../../verdict.ts";
import { linesOf, markdown, write } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl } from "../settings.ts";

const cardBytesMax = 26_000;
const titleRunesMax = 500;
const actionsMax = 4;

/** A card for a workflow of Teams; the connectors before it are retired. */
export const teams = channelKind({
  kind: "teams",
  title: "Microsoft Teams",
  schema: z.object({
    url: hookUrl,
    /** Some workflows take the card itself, others a message around it. */
    wrap: z.enum(["message", "card"]).default("message"),
  }),
  secrets: ["url"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, title, body, nowMs }, config) {
    const written = body ?? write(linesOf(message), { ...markdown, lineBreak: "\n\n" }, fits);
    const card = cardOf(
      message,
      cutRunes(title ?? message.title, titleRunesMax),
      cutBytes(written, cardBytesMax),
    );
    const attachment = {
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: card,
    };
    const content = config.wrap === "card" ? card : { type: "message", attachments: [attachment] };
    const response = yield jsonRequest(config.url, content);
    const verdict = verdictOfStatus(response, nowMs);
    const refused = fieldOf(jsonOf(response.body), "error") !== undefined;
    if (verdict.kind !== "delivered" || !refused) return verdict;
    return {
      kind: "rejected",
      reason: `answered ${response.status} with ${cutRunes(response.body, 200)}`,
    };
  },
});

function fits(text: string): boolean {
  return bytesOf(JSON.stringify(text)) <= cardBytesMax;
}

function cardOf(message: AlertMessage, title: string, written: string): Record<string, unknown> {
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.2",
    body: [
      {
        type: "TextBlock",
        size: "Medium",
        weight: "Bolder",
        wrap: true,
        color: message.status === "firing" ? "Attention" : "Good",
        text: markdown.escape(title),
      },
      { type: "TextBlock", wrap: true, text: written },
    ],
    actions: message.evidence
      .slice(0, actionsMax)
      .map((item) => ({ type: "Action.OpenUrl", title: item.title, url: item.url })),
    msteams: { width: "Full" },
  };
}
