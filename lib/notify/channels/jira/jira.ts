import { createHash } from "node:crypto";

import { z } from "zod";

import type { AlertMessage } from "../../alert-message.ts";
import {
  channelKind,
  type ChannelResponse,
  type Envelope,
  type HttpRequest,
  type Verdict,
} from "../../channel-kind.ts";
import { cutRunes, runesOf } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { fieldOf, jsonOf, unreadable, verdictOfStatus } from "../../verdict.ts";
import { linesOf, write, type Dialect } from "../../wording.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl, word } from "../settings.ts";

const summaryRunesMax = 250;
const textRunesMax = 30_000;

/** Jira's wiki markup. */
const wiki: Dialect = {
  escape: (text) => text.replaceAll(/[{}[\]*_|!\\]/g, String.raw`\$&`),
  strong: (text) => `*${text}*`,
  link: (text, url) => `[${text}|${url.replaceAll("|", "%7C").replaceAll("]", "%5D")}]`,
  lineBreak: "\n",
};

const settings = z.object({
  url: hookUrl,
  /** With a user the token is sent as Basic, as the cloud wants it; without one as Bearer. */
  user: word.optional(),
  token: z.string().min(1).max(2_000),
  project: z.string().regex(/^[A-Z][A-Z\d_]{1,20}$/, "must be a project key such as OPS"),
  issueType: word.default("Task"),
  labels: z
    .array(z.string().regex(/^\S{1,200}$/))
    .max(20)
    .default([]),
});
type Settings = z.infer<typeof settings>;

/** One issue per group: made when it begins to fire, commented on while it is open. */
export const jira = channelKind<Settings>({
  kind: "jira",
  title: "Jira",
  schema: settings,
  secrets: ["token"],
  hint: (config) => `${shownUrl(config.url)} project ${config.project}`,
  *converse(envelope, config) {
    const { message, nowMs } = envelope;
    const mark = markOf(message);
    const found = yield post(config, "search/jql", {
      jql: `project = "${config.project}" AND labels = "${mark}" AND statusCategory != Done ORDER BY created DESC`,
      fields: ["summary"],
      maxResults: 1,
    });
    // Before Jira 10 and on its own servers the search is at its old place.
    const search =
      found.status === 404 || found.status === 405
        ? yield post(config, "search", {
            jql: `project = "${config.project}" AND labels = "${mark}" AND statusCategory != Done`,
            fields: ["summary"],
            maxResults: 1,
          })
        : found;
    const searched = verdictOfStatus(search, nowMs);
    if (searched.kind !== "delivered") return searched;
    const key = firstKey(search);
    if (key === null && message.status === "resolved") return { kind: "delivered" };
    const answer =
      key === null
        ? yield post(config, "issue", { fields: fieldsOf(envelope, config, mark) })
        : yield post(config, `issue/${encodeURIComponent(key)}/comment`, {
            body: textOf(envelope),
          });
    return judge(answer, nowMs);
  },
});

function post(config: Settings, path: string, body: unknown): HttpRequest {
  const credentials =
    config.user === undefined
      ? `Bearer ${config.token}`
      : `Basic ${Buffer.from(`${config.user}:${config.token}`).toString("base64")}`;
  return jsonRequest(`${config.url.replace(/\/+$/, "")}/rest/api/2/${path}`, body, {
    accept: "application/json",
    authorization: credentials,
  });
}

function markOf(message: AlertMessage): string {
  const hash = createHash("sha256").update(message.groupKey).digest("hex").slice(0, 24);
  return message.test === true ? `viascope-test-${hash}` : `viascope-${hash}`;
}

function fieldsOf(envelope: Envelope, config: Settings, mark: string): Record<string, unknown> {
  const summary = (envelope.title ?? envelope.message.title).replaceAll(/\s+/g, " ");
  return {
    project: { key: config.project },
    issuetype: { name: config.issueType },
    summary: cutRunes(summary, summaryRunesMax),
    description: textOf(envelope),
    labels: [mark, ...config.labels],
  };
}

function textOf({ message, body }: Envelope): string {
  const fits = (text: string) => runesOf(text) <= textRunesMax;
  return cutRunes(body ?? write(linesOf(message), wiki, fits), textRunesMax);
}

function firstKey({ body }: ChannelResponse): string | null {
  const issues = fieldOf(jsonOf(body), "issues");
  const key = Array.isArray(issues) ? fieldOf(issues[0], "key") : undefined;
  return typeof key === "string" ? key : null;
}

function judge(response: ChannelResponse, nowMs: number): Verdict {
  const verdict = verdictOfStatus(response, nowMs);
  if (verdict.kind !== "delivered") return verdict;
  return fieldOf(jsonOf(response.body), "id") === undefined ? unreadable(response) : verdict;
}
