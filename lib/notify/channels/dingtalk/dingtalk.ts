import { createHmac } from "node:crypto";

import { z } from "zod";

import { channelKind } from "../../channel-kind.ts";
import { bytesOf, cutBytes, cutRunes } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { verdictOfCode } from "../../verdict.ts";
import { linesOf, markdown, write } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl } from "../settings.ts";

const contentBytesMax = 18_000;
const titleRunesMax = 128;
/** Busy; too often. */
const retriedCodes = [-1, 130_101, 410_100];

/** A robot of a DingTalk (钉钉) group. */
export const dingtalk = channelKind({
  kind: "dingtalk",
  title: "DingTalk 钉钉",
  schema: z.object({
    url: hookUrl,
    /** Of the robot's signature check, where it is on. */
    secret: z.string().min(1).max(200).optional(),
  }),
  secrets: ["url", "secret"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, title, body, nowMs }, config) {
    const heading = cutRunes(title ?? message.title, titleRunesMax);
    const head = `### ${markdown.escape(heading)}\n\n`;
    const fits = (text: string) => bytesOf(head + text) <= contentBytesMax;
    const written = body ?? write(linesOf(message), { ...markdown, lineBreak: "\n\n" }, fits);
    const response = yield jsonRequest(signedUrl(config, nowMs), {
      msgtype: "markdown",
      markdown: { title: heading, text: cutBytes(head + written, contentBytesMax) },
    });
    return verdictOfCode(response, nowMs, { field: "errcode", retried: retriedCodes });
  },
});

/** Of the milliseconds and the secret, with the secret as key; not yet escaped for an address. */
export function dingtalkSign(ms: number, secret: string): string {
  return createHmac("sha256", secret).update(`${ms}\n${secret}`).digest("base64");
}

function signedUrl(config: { url: string; secret?: string | undefined }, nowMs: number): string {
  if (config.secret === undefined) return config.url;
  const url = new URL(config.url);
  url.searchParams.set("timestamp", String(nowMs));
  url.searchParams.set("sign", dingtalkSign(nowMs, config.secret));
  return url.href;
}
