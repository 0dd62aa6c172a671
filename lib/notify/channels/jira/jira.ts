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
  /** The transition that an issue takes when the group ended, such as `Done`; without one it is only commented on. */
  resolveTransition: word.optional(),
  labels: z
    .array(z.string().regex(/^\S{1,200}$/))
    .max(20)
    .default([]),
});
type Settings = z.infer<typeof settings>;

/** One issue per group: made when it begins to fire, commented on while it is open, and moved on when the group ended. */
export const jira = channelKind<Settings>({
  kind: "jira",
  title: "Jira",
  schema: settings,
  secrets: ["token"],
  hint: (config) => `${shownUrl(config.url)} project ${config.project}`,
  *converse(envelope, config) {
    const found = yield* findIssue(envelope, config);
    if ("kind" in found) return found;
    if (envelope.message.status === "resolved") return yield* tellEnd(envelope, config, found);
    return found.key === null || found.done
      ? yield* makeIssue(envelope, config)
      : yield* comment(envelope, config, found.key);
  },
});

function* makeIssue(envelope: Envelope, config: Settings): Step<Verdict> {
  const fields = fieldsOf(envelope, config, markOf(envelope.message));
  const made = yield post(config, "issue", { fields });
  return judge(made, envelope.nowMs, stringOf(fieldOf(jsonOf(made.body), "key")));
}

/** The issue moves before it is commented on: a message that is tried again finds it moved and says nothing twice. */
function* tellEnd(envelope: Envelope, config: Settings, { key, done }: Issue): Step<Verdict> {
  if (key === null) return { kind: "delivered" };
  const moved = done ? null : yield* moveOn(pathOf(key), config, envelope.nowMs);
  if (moved !== null && typeof moved !== "string") return moved;
  return yield* comment(envelope, config, key, moved);
}

function* comment(
  envelope: Envelope,
  config: Settings,
  key: string,
  remark: string | null = null,
): Step<Verdict> {
  const body = remark === null ? textOf(envelope) : `${textOf(envelope)}\n\n${remark}`;
  return judge(yield post(config, `${pathOf(key)}/comment`, { body }), envelope.nowMs, key);
}

function pathOf(key: string): string {
  return `issue/${encodeURIComponent(key)}`;
}

type Step<Value> = Generator<HttpRequest, Value, ChannelResponse>;

/** The issue of a group: null when there is none. */
interface Issue {
  readonly key: string | null;
  readonly done: boolean;
}

/** Looks at the issue that was made, as searches lag behind; without one the group's mark is searched for. */
function* findIssue({ message, thread, nowMs }: Envelope, config: Settings): Step<Issue | Verdict> {
  if (thread !== null) {
    const seen = yield get(config, `${pathOf(thread)}?fields=status`);
    if (seen.status !== 404) {
      const verdict = verdictOfStatus(seen, nowMs);
      return verdict.kind === "delivered" ? { key: thread, done: isDone(seen) } : verdict;
    }
  }
  const jql = `project = "${config.project}" AND labels = "${markOf(message)}" AND statusCategory != Done ORDER BY created DESC`;
  const question = { jql, fields: ["summary"], maxResults: 1 };
  const found = yield post(config, "search/jql", question);
  // Before Jira 10 and on its own servers the search is at its old place.
  const search =
    found.status === 404 || found.status === 405 ? yield post(config, "search", question) : found;
  const searched = verdictOfStatus(search, nowMs);
  return searched.kind === "delivered" ? { key: firstKey(search), done: false } : searched;
}

/** Takes the transition of the settings; the sentence says why it could not be taken, null that it was or is not wanted. */
function* moveOn(path: string, config: Settings, nowMs: number): Step<string | Verdict | null> {
  const wanted = config.resolveTransition;
  if (wanted === undefined) return null;
  const offered = yield get(config, `${path}/transitions`);
  const looked = verdictOfStatus(offered, nowMs);
  if (looked.kind !== "delivered") return looked;
  const transitions = transitionsIn(offered);
  const chosen = transitions.find(({ names }) =>
    names.some((name) => name.toLowerCase() === wanted.toLowerCase()),
  );
  if (chosen === undefined) {
    const names = transitions.map((one) => one.names[0]).join(", ");
    return `Viascope could not move this issue: it has no transition "${wanted}" now, only: ${names || "none"}.`;
  }
  const moved = yield post(config, `${path}/transitions`, { transition: { id: chosen.id } });
  const verdict = verdictOfStatus(moved, nowMs);
  if (verdict.kind === "delivered") return null;
  return verdict.kind === "rejected"
    ? `Viascope could not move this issue by "${wanted}": Jira ${verdict.reason}.`
    : verdict;
}

interface Transition {
  readonly id: string;
  /** Its own, and that of the status it leads to. */
  readonly names: readonly string[];
}

function transitionsIn({ body }: ChannelResponse): Transition[] {
  const listed: unknown = fieldOf(jsonOf(body), "transitions");
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((one: unknown) => {
    const id = stringOf(fieldOf(one, "id"));
    const names = [fieldOf(one, "name"), fieldOf(fieldOf(one, "to"), "name")];
    return id === null ? [] : [{ id, names: names.flatMap((name) => stringOf(name) ?? []) }];
  });
}

function isDone({ body }: ChannelResponse): boolean {
  const status = fieldOf(fieldOf(jsonOf(body), "fields"), "status");
  return fieldOf(fieldOf(status, "statusCategory"), "key") === "done";
}

function stringOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function post(config: Settings, path: string, body: unknown): HttpRequest {
  return jsonRequest(addressOf(config, path), body, headersOf(config));
}

function get(config: Settings, path: string): HttpRequest {
  const url = addressOf(config, path);
  return { kind: "http", method: "GET", url, headers: headersOf(config), body: "" };
}

function addressOf({ url }: Settings, path: string): string {
  return `${url.replace(/\/+$/, "")}/rest/api/2/${path}`;
}

function headersOf({ user, token }: Settings): Record<string, string> {
  const authorization =
    user === undefined
      ? `Bearer ${token}`
      : `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
  return { accept: "application/json", authorization };
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
  const issues: unknown = fieldOf(jsonOf(body), "issues");
  return Array.isArray(issues) ? stringOf(fieldOf(issues[0], "key")) : null;
}

function judge(response: ChannelResponse, nowMs: number, key: string | null): Verdict {
  const verdict = verdictOfStatus(response, nowMs);
  if (verdict.kind !== "delivered") return verdict;
  if (fieldOf(jsonOf(response.body), "id") === undefined) return unreadable(response);
  return key === null ? verdict : { kind: "delivered", thread: key };
}
