import { z } from "zod";

import { truncated } from "../../alert-message.ts";
import { channelKind } from "../../channel-kind.ts";
import { bytesOf } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { signatureHeaders } from "../../signature.ts";
import { verdictOfStatus } from "../../verdict.ts";
import { hookUrl } from "../settings.ts";

/** Standard Webhooks asks senders to stay below this. */
const bodyBytesMax = 20_000;

/** Alertmanager's body with more beside it, signed as Standard Webhooks says. */
export const webhook = channelKind({
  kind: "webhook",
  title: "Webhook",
  schema: z.object({
    url: hookUrl,
    /** Sent as `Authorization`, for receivers that ask for it beside the signature. */
    authorization: z.string().min(1).max(2_000).optional(),
    signing: z
      .array(z.object({ secret: z.string().startsWith("whsec_"), endsAtMs: z.int().nullable() }))
      .default([]),
  }),
  secrets: ["url", "authorization", "signing"],
  hint: (config) => shownUrl(config.url),
  *converse({ deliveryId, message, body, nowMs }, config) {
    const content =
      body ??
      JSON.stringify(truncated(message, (part) => bytesOf(JSON.stringify(part)) <= bodyBytesMax));
    const response = yield {
      kind: "http",
      method: "POST",
      url: config.url,
      headers: {
        "content-type": "application/json",
        ...(config.authorization === undefined ? {} : { authorization: config.authorization }),
        ...signatureHeaders(config.signing, deliveryId, nowMs, content),
      },
      body: content,
    };
    return verdictOfStatus(response, nowMs);
  },
});
