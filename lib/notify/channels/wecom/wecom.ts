import { z } from "zod";

import { channelKind } from "../../channel-kind.ts";
import { bytesOf, cutBytes } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { verdictOfCode } from "../../verdict.ts";
import { linesOf, markdown, write } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl } from "../settings.ts";

const contentBytesMax = 4_096;
/** Too often; busy. */
const retriedCodes = [45_009, -1];

/** A robot of a WeCom (企业微信) group; the key in its address is the only secret. */
export const wecom = channelKind({
  kind: "wecom",
  title: "WeCom 企业微信",
  schema: z.object({ url: hookUrl }),
  secrets: ["url"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, title, body, nowMs }, config) {
    const heading = `**${markdown.escape(title ?? message.title)}**\n`;
    const fits = (text: string) => bytesOf(heading + text) <= contentBytesMax;
    const written = heading + (body ?? write(linesOf(message), markdown, fits));
    const response = yield jsonRequest(config.url, {
      msgtype: "markdown",
      markdown: { content: cutBytes(written, contentBytesMax) },
    });
    return verdictOfCode(response, nowMs, { field: "errcode", retried: retriedCodes });
  },
});
