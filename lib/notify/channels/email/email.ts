import { createHash } from "node:crypto";

import { z } from "zod";

import { channelKind, type ChannelResponse, type Verdict } from "../../channel-kind.ts";
import { cutRunes } from "../../cut.ts";
import { html, linesOf, plain, write } from "../../wording.ts";
import { word } from "../settings.ts";

const subjectRunesMax = 200;

export const email = channelKind({
  kind: "email",
  title: "Email",
  schema: z.object({
    host: z.string().regex(/^[\w.:-]{1,253}$/, "must be a host name"),
    port: z.int().min(1).max(65_535).default(587),
    tls: z.enum(["implicit", "starttls", "none"]).default("starttls"),
    user: word.optional(),
    password: z.string().min(1).max(500).optional(),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
  }),
  secrets: ["password"],
  hint: (config) => `${config.host}:${config.port} to ${config.to.join(", ")}`,
  *converse({ deliveryId, message, title, body }, config) {
    const subject = cutRunes((title ?? message.title).replaceAll(/\s+/g, " "), subjectRunesMax);
    const domain = config.from.slice(config.from.lastIndexOf("@") + 1);
    const thread = createHash("sha256").update(message.groupKey).digest("hex").slice(0, 32);
    const response = yield {
      kind: "mail",
      host: config.host,
      port: config.port,
      tls: config.tls,
      user: config.user ?? null,
      password: config.password ?? null,
      from: config.from,
      to: config.to,
      subject,
      text: body ?? write(linesOf(message), plain),
      html: pageOf(
        body === null
          ? write(linesOf(message), { ...html, lineBreak: "<br>\n" })
          : preformatted(body),
      ),
      headers: {
        "message-id": `<${deliveryId}@${domain}>`,
        // Everything about one group stands together in a mail program.
        references: `<group-${thread}@${domain}>`,
        "auto-submitted": "auto-generated",
      },
    };
    return judge(response);
  },
});

function preformatted(text: string): string {
  return `<pre style="white-space:pre-wrap">${html.escape(text)}</pre>`;
}

function pageOf(content: string): string {
  return `<!doctype html><html><body style="font-family:sans-serif">${content}</body></html>`;
}

function judge({ status, body }: ChannelResponse): Verdict {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `answered ${cutRunes(body, 300)}`;
  return status >= 400 && status < 500
    ? { kind: "retry", reason, retryAfterMs: null }
    : { kind: "rejected", reason };
}
