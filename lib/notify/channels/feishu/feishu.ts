import { createHmac } from "node:crypto";

import { z } from "zod";

import { channelKind } from "../../channel-kind.ts";
import { bytesOf, cutBytes } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { verdictOfCode } from "../../verdict.ts";
import { linesOf, markdown, write } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl } from "../settings.ts";

const contentBytesMax = 18_000;
/** Too often. */
const retriedCodes = [11_232, 9_499];

/** A robot of a Feishu (飞书) or Lark group. */
export const feishu = channelKind({
  kind: "feishu",
  title: "Feishu 飞书",
  schema: z.object({
    url: hookUrl,
    /** Of the robot's signature check, where it is on. */
    secret: z.string().min(1).max(200).optional(),
  }),
  secrets: ["url", "secret"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, title, body, nowMs }, config) {
    const fits = (text: string) => bytesOf(text) <= contentBytesMax;
    const written = body ?? write(linesOf(message), markdown, fits);
    const response = yield jsonRequest(config.url, {
      ...signature(config.secret, nowMs),
      msg_type: "interactive",
      card: {
        config: { wide_screen_mode: true },
        header: {
          template: message.status === "firing" ? "red" : "green",
          title: { tag: "plain_text", content: cutBytes(title ?? message.title, 1_000) },
        },
        elements: [{ tag: "markdown", content: cutBytes(written, contentBytesMax) }],
      },
    });
    return verdictOfCode(response, nowMs, { field: "code", retried: retriedCodes });
  },
});

/** Seconds and secret are the key of the HMAC, the message is empty: so Feishu wants it. */
export function feishuSign(seconds: number, secret: string): string {
  return createHmac("sha256", `${seconds}\n${secret}`).update("").digest("base64");
}

function signature(secret: string | undefined, nowMs: number): Record<string, string> {
  if (secret === undefined) return {};
  const seconds = Math.floor(nowMs / 1000);
  return { timestamp: String(seconds), sign: feishuSign(seconds, secret) };
}
