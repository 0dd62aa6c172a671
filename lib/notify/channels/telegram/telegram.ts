import { z } from "zod";

import { channelKind, type ChannelResponse, type Verdict } from "../../channel-kind.ts";
import { cutRunes, runesOf } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { fieldOf, jsonOf, unreadable, verdictOfStatus } from "../../verdict.ts";
import { html, linesOf, write } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl, word } from "../settings.ts";

const textRunesMax = 4_096;
const titleRunesMax = 500;

export const telegram = channelKind({
  kind: "telegram",
  title: "Telegram",
  schema: z.object({
    botToken: z
      .string()
      .regex(/^\d+:[\w-]+$/, "must be a token of BotFather, such as 123456:ABC-DEF"),
    chatId: word,
    /** Topic of a group with topics. */
    threadId: z.int().positive().optional(),
    api: hookUrl.default("https://api.telegram.org"),
  }),
  secrets: ["botToken"],
  hint: (config) => `${shownUrl(config.api)} chat ${config.chatId}`,
  *converse({ message, title, body, nowMs }, config) {
    const heading = `<b>${html.escape(cutRunes(title ?? message.title, titleRunesMax))}</b>\n`;
    const fits = (text: string) => runesOf(heading + text) <= textRunesMax;
    const text =
      body === null
        ? heading + write(linesOf(message), html, fits)
        : cutRunes(`${title ?? message.title}\n${body}`, textRunesMax);
    const url = `${config.api.replace(/\/+$/, "")}/bot${config.botToken}/sendMessage`;
    const response = yield jsonRequest(url, {
      chat_id: config.chatId,
      ...(config.threadId === undefined ? {} : { message_thread_id: config.threadId }),
      text,
      // What an operator wrote is sent as it is: half a tag would be refused.
      ...(body === null ? { parse_mode: "HTML" } : {}),
      link_preview_options: { is_disabled: true },
    });
    return judge(response, nowMs);
  },
});

function judge(response: ChannelResponse, nowMs: number): Verdict {
  const said = jsonOf(response.body);
  const verdict = verdictOfStatus(response, nowMs);
  if (verdict.kind === "retry") {
    const seconds = fieldOf(fieldOf(said, "parameters"), "retry_after");
    return typeof seconds === "number" ? { ...verdict, retryAfterMs: seconds * 1000 } : verdict;
  }
  if (verdict.kind !== "delivered" || fieldOf(said, "ok") === true) return verdict;
  if (fieldOf(said, "ok") !== false) return unreadable(response);
  return { kind: "rejected", reason: `answered ok false: ${cutRunes(response.body, 200)}` };
}
