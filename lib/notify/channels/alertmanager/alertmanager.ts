import { z } from "zod";

import { channelKind } from "../../channel-kind.ts";
import { shownUrl } from "../../redact.ts";
import { verdictOfStatus } from "../../verdict.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl, word } from "../settings.ts";

/** How much longer than until the next repetition an alert stands there, in case the repetition is late. */
const graceMs = 900_000;

/** Hands alerts to an Alertmanager, which groups and routes them on its own. */
export const alertmanager = channelKind({
  kind: "alertmanager",
  title: "Alertmanager",
  schema: z.object({
    /** Of the Alertmanager, without `/api/v2`. */
    url: hookUrl,
    user: word.optional(),
    password: z.string().min(1).max(500).optional(),
  }),
  secrets: ["password", "url"],
  hint: (config) => shownUrl(config.url),
  *converse({ message, nowMs, repeatIntervalMs }, config) {
    const firingUntil = new Date(nowMs + repeatIntervalMs + graceMs).toISOString();
    const alerts = message.alerts.map((alert) => ({
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: alert.startsAt,
      // Nobody tells it of a dead Viascope: without another word the alert ends.
      endsAt: alert.status === "firing" ? firingUntil : alert.endsAt,
      generatorURL: alert.generatorURL,
    }));
    const url = `${config.url.replace(/\/+$/, "")}/api/v2/alerts`;
    return verdictOfStatus(yield jsonRequest(url, alerts, credentials(config)), nowMs);
  },
});

function credentials(config: { user?: string | undefined; password?: string | undefined }) {
  if (config.user === undefined) return {};
  const pair = Buffer.from(`${config.user}:${config.password ?? ""}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}
