import { z } from "zod";

import { channelKind } from "../../channel-kind.ts";
import { cutRunes, runesOf } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { fieldOf, jsonOf, verdictOfStatus } from "../../verdict.ts";
import { linesOf, write, type Dialect } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl } from "../settings.ts";

const titleRunesMax = 1_024;
const sectionRunesMax = 3_000;

/** Slack's own markup. */
const mrkdwn: Dialect = {
  escape: (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  strong: (text) => `*${text}*`,
  link: (text, url) => `<${url.replaceAll(">", "%3E").replaceAll("|", "%7C")}|${text}>`,
  lineBreak: "\n",
};

export const slack = channelKind({
  kind: "slack",
  title: "Slack",
  schema: z.object({ url: hookUrl }),
  secrets: ["url"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, title, body, nowMs }, config) {
    const heading = cutRunes(title ?? message.title, titleRunesMax);
    const fits = (text: string) => runesOf(text) <= sectionRunesMax;
    const written = body ?? write(linesOf(message), mrkdwn, fits);
    const response = yield jsonRequest(config.url, {
      text: mrkdwn.escape(heading),
      attachments: [
        {
          color: message.status === "firing" ? "danger" : "good",
          fallback: mrkdwn.escape(heading),
          mrkdwn_in: ["text"],
          text: cutRunes(written, sectionRunesMax),
        },
      ],
    });
    const verdict = verdictOfStatus(response, nowMs);
    if (verdict.kind !== "delivered" || saysOk(response.body)) return verdict;
    return { kind: "rejected", reason: `answered 200 with ${cutRunes(response.body, 100)}` };
  },
});

function saysOk(body: string): boolean {
  return body.trim() === "ok" || fieldOf(jsonOf(body), "ok") === true;
}
