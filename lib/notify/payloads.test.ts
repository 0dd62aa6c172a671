import { describe, expect, it } from "vitest";

import { hugeAlerts, sampleAlert, sampleMessage } from "#tests/notify/sample-message.ts";

import type { AlertMessage } from "./alert-message.ts";
import type { ChannelResponse, Verdict } from "./channel-kind.ts";
import { channelKindOf } from "./channels.ts";
import { bytesOf, runesOf } from "./cut.ts";

const nowMs = Date.parse("2026-11-20T10:00:05Z");
const url = "https://hooks.example.com/x";
const ended = sampleAlert({ status: "resolved", endsAt: "2026-11-20T10:00:04.000Z" });
const groupKey = '{}:{alertname="UpstreamErrors"}';

describe("PagerDuty", () => {
  const settings = { routingKey: "key" };

  it("opens one incident per group and closes the same one", () => {
    const trigger = bodyOf("pagerduty", settings);
    const resolve = bodyOf("pagerduty", settings, sampleMessage([ended]));
    expect(trigger).toMatchObject({
      event_action: "trigger",
      payload: { severity: "critical", source: "athens", component: "proxy.golang.org" },
      links: [{ text: "The upstream over that time" }],
    });
    expect(resolve).toMatchObject({ event_action: "resolve", dedup_key: trigger["dedup_key"] });
    expect(
      bodyOf("pagerduty", settings, sampleMessage(undefined, { groupKey: "other" })),
    ).not.toMatchObject({ dedup_key: trigger["dedup_key"] });
  });

  it("never lets a test close or open what is real", () => {
    const test = bodyOf("pagerduty", settings, sampleMessage(undefined, { test: true }));
    expect(test["dedup_key"]).not.toBe(bodyOf("pagerduty", settings)["dedup_key"]);
  });

  it("stays within 512 000 bytes and 1024 characters of summary", () => {
    const event = bodyOf("pagerduty", settings, sampleMessage(hugeAlerts(2_000)));
    expect(bytesOf(JSON.stringify(event))).toBeLessThanOrEqual(512_000);
    expect(JSON.stringify(event)).toMatch(/"left_out":\d{2,}/);
  });
});

describe("Alertmanager", () => {
  it("keeps what fires until after the next repetition, and ends what ended when it ended", () => {
    const body = bodyOf("alertmanager", { url }, sampleMessage([sampleAlert(), ended]));
    expect(Object.values(body)).toMatchObject([
      { endsAt: "2026-11-20T14:15:05.000Z", startsAt: "2026-11-20T10:00:00.000Z" },
      { endsAt: "2026-11-20T10:00:04.000Z" },
    ]);
  });
});

describe("chat channels", () => {
  const labels = { alertname: "<!channel> @everyone </b> *x*", proxy: "p" };
  const rude = sampleMessage([sampleAlert({ labels })]);

  it("ring nobody and break no markup because of a label", () => {
    expect(textOf("slack", { url }, rude)).not.toContain("<!channel>");
    expect(bodyOf("discord", { url }, rude)).toMatchObject({ allowed_mentions: { parse: [] } });
    const telegram = bodyOf("telegram", { botToken: "1:a", chatId: "1" }, rude);
    expect(telegram).toMatchObject({
      parse_mode: "HTML",
      text: expect.not.stringContaining("</b> *"),
    });
  });

  it("stay within the sizes that the receivers take", () => {
    const huge = sampleMessage(hugeAlerts(60));
    expect(
      bytesOf(String(part(bodyOf("wecom", { url }, huge), "markdown", "content"))),
    ).toBeLessThanOrEqual(4_096);
    expect(
      runesOf(String(bodyOf("telegram", { botToken: "1:a", chatId: "1" }, huge)["text"])),
    ).toBeLessThanOrEqual(4_096);
    expect(
      runesOf(String(part(bodyOf("discord", { url }, huge), "embeds", "0", "description"))),
    ).toBeLessThanOrEqual(4_096);
    expect(bytesOf(JSON.stringify(bodyOf("teams", { url }, huge)))).toBeLessThanOrEqual(28_000);
    expect(bytesOf(JSON.stringify(bodyOf("feishu", { url }, huge)))).toBeLessThanOrEqual(20_000);
    expect(bytesOf(JSON.stringify(bodyOf("dingtalk", { url }, huge)))).toBeLessThanOrEqual(20_000);
    expect(
      bytesOf(
        JSON.stringify(
          bodyOf(
            "webhook",
            { url },
            sampleMessage(Array.from({ length: 90 }, () => sampleAlert())),
          ),
        ),
      ),
    ).toBeLessThanOrEqual(20_000);
  });

  it("sign as they are asked to", () => {
    const [request] = conversation(
      "dingtalk",
      { url: `${url}?access_token=t`, secret: "s" },
      sampleMessage(),
      [],
    ).requests;
    expect(request?.url).toMatch(
      /access_token=t&timestamp=1763632805000&sign=[\w%]+$|access_token=t&timestamp=\d{13}&sign=[\w%+-]+$/,
    );
    expect(bodyOf("feishu", { url, secret: "s" })).toMatchObject({
      timestamp: String(nowMs / 1000),
      sign: expect.stringMatching(/^[\w+/]+=*$/),
    });
    expect(bodyOf("feishu", { url })).not.toHaveProperty("sign");
  });

  it("give Teams the card alone where a workflow wants that", () => {
    expect(bodyOf("teams", { url })).toMatchObject({ type: "message" });
    expect(bodyOf("teams", { url, wrap: "card" })).toMatchObject({
      type: "AdaptiveCard",
      version: "1.2",
    });
  });
});

describe("Jira", () => {
  const settings = { url, token: "t", user: "ann", project: "OPS", labels: ["proxy"] };
  const none = json(200, { issues: [] });
  const one = json(200, { issues: [{ key: "OPS-7" }] });
  const made = json(201, { id: "1", key: "OPS-8" });

  it.each<[string, AlertMessage, ChannelResponse[], string[], Verdict["kind"]]>([
    [
      "makes an issue where none is open",
      sampleMessage(),
      [none, made],
      ["search/jql", "issue"],
      "delivered",
    ],
    [
      "comments on the one that is open",
      sampleMessage(),
      [one, made],
      ["search/jql", "issue/OPS-7/comment"],
      "delivered",
    ],
    [
      "comments when the group ended",
      sampleMessage([ended]),
      [one, made],
      ["search/jql", "issue/OPS-7/comment"],
      "delivered",
    ],
    [
      "makes none for a group that ended",
      sampleMessage([ended]),
      [none],
      ["search/jql"],
      "delivered",
    ],
    [
      "searches at the old place where the new one is missing",
      sampleMessage(),
      [json(404, {}), none, made],
      ["search/jql", "search", "issue"],
      "delivered",
    ],
    [
      "makes nothing when the search fails",
      sampleMessage(),
      [json(503, {})],
      ["search/jql"],
      "retry",
    ],
    [
      "makes nothing when the search is refused",
      sampleMessage(),
      [json(401, {})],
      ["search/jql"],
      "rejected",
    ],
    [
      "tells what Jira did not like",
      sampleMessage(),
      [none, json(400, { errors: { project: "no" } })],
      ["search/jql", "issue"],
      "rejected",
    ],
  ])("%s", (_name, message, answers, paths, verdict) => {
    const talked = conversation("jira", settings, message, answers);
    expect(talked.requests.map((request) => request.url)).toEqual(
      paths.map((path) => `${url}/rest/api/2/${path}`),
    );
    expect(talked.verdict?.kind).toBe(verdict);
  });

  const open = json(200, { fields: { status: { statusCategory: { key: "indeterminate" } } } });
  const done = json(200, { fields: { status: { statusCategory: { key: "done" } } } });
  const offered = json(200, {
    transitions: [
      { id: "11", name: "Start", to: { name: "In progress" } },
      { id: "31", name: "Finish", to: { name: "Done" } },
    ],
  });
  const moved: ChannelResponse = { status: 204, headers: {}, body: "" };

  it.each<[string, AlertMessage, ChannelResponse[], string[], Verdict]>([
    [
      "comments on the issue it made, without a search",
      sampleMessage(),
      [open, made],
      ["issue/OPS-7?fields=status", "issue/OPS-7/comment"],
      { kind: "delivered", thread: "OPS-7" },
    ],
    [
      "makes a new issue when somebody closed the one of before",
      sampleMessage(),
      [done, made],
      ["issue/OPS-7?fields=status", "issue"],
      { kind: "delivered", thread: "OPS-8" },
    ],
    [
      "searches when the issue was deleted",
      sampleMessage(),
      [json(404, {}), none, made],
      ["issue/OPS-7?fields=status", "search/jql", "issue"],
      { kind: "delivered", thread: "OPS-8" },
    ],
    [
      "moves the issue on when the group ended, by the name of the status it leads to",
      sampleMessage([ended]),
      [open, offered, moved, made],
      [
        "issue/OPS-7?fields=status",
        "issue/OPS-7/transitions",
        "issue/OPS-7/transitions",
        "issue/OPS-7/comment",
      ],
      { kind: "delivered", thread: "OPS-7" },
    ],
    [
      "only comments on an issue that somebody closed already",
      sampleMessage([ended]),
      [done, made],
      ["issue/OPS-7?fields=status", "issue/OPS-7/comment"],
      { kind: "delivered", thread: "OPS-7" },
    ],
    [
      "tries again when Jira is not there to move it",
      sampleMessage([ended]),
      [open, offered, json(503, {})],
      ["issue/OPS-7?fields=status", "issue/OPS-7/transitions", "issue/OPS-7/transitions"],
      { kind: "retry", reason: "answered 503: {}", retryAfterMs: null },
    ],
  ])("%s", (_name, message, answers, paths, verdict) => {
    const config = { ...settings, resolveTransition: "done" };
    const talked = conversation("jira", config, message, answers, "OPS-7");
    expect(talked.requests.map((request) => request.url)).toEqual(
      paths.map((path) => `${url}/rest/api/2/${path}`),
    );
    expect(talked.verdict).toEqual(verdict);
  });

  it.each([
    ["is not offered", [open, json(200, { transitions: [] }), made], /no transition "done" now/],
    [
      "is refused",
      [open, offered, json(400, { errors: { resolution: "required" } }), made],
      /by "done": Jira answered 400.*required/,
    ],
  ] as const)("says in the issue that its transition %s", (_name, answers, remark) => {
    const config = { ...settings, resolveTransition: "done" };
    const talked = conversation("jira", config, sampleMessage([ended]), answers, "OPS-7");
    const comment: unknown = JSON.parse(talked.requests.at(-1)?.body ?? "");
    expect(comment).toEqual({ body: expect.stringMatching(remark) });
    expect(talked.verdict).toEqual({ kind: "delivered", thread: "OPS-7" });
  });

  it("marks the issue with its group, so that the next message finds it", () => {
    const { requests } = conversation("jira", settings, sampleMessage(), [none, made]);
    const mark = /labels = \\"(viascope-[0-9a-f]{24})\\"/.exec(requests[0]?.body ?? "")?.[1];
    expect(JSON.parse(requests[1]?.body ?? "")).toMatchObject({
      fields: { labels: [mark, "proxy"], project: { key: "OPS" } },
    });
    expect(sampleMessage().groupKey).toBe(groupKey);
  });
});

function json(status: number, body: unknown): ChannelResponse {
  return { status, headers: {}, body: JSON.stringify(body) };
}

interface Made {
  readonly requests: { readonly url: string; readonly body: string }[];
  readonly verdict: Verdict | null;
}

/** What a channel asks, given these answers; the verdict is null when it would ask on. */
function conversation(
  kind: string,
  settings: Record<string, unknown>,
  message: AlertMessage,
  answers: readonly ChannelResponse[],
  thread: string | null = null,
): Made {
  const channel = channelKindOf(kind)?.open(settings);
  if (channel === undefined || typeof channel === "string") throw new Error(channel);
  const envelope = {
    deliveryId: "11111111-1111-4111-8111-111111111111",
    message,
    title: null,
    body: null,
    nowMs,
    repeatIntervalMs: 14_400_000,
    thread,
  };
  const talk = channel.converse(envelope);
  const requests: Made["requests"] = [];
  const left = [...answers];
  let step = talk.next();
  while (step.done !== true) {
    if (step.value.kind !== "http") throw new Error("This channel sends mail.");
    requests.push({ url: step.value.url, body: step.value.body });
    const next = left.shift();
    if (next === undefined) return { requests, verdict: null };
    step = talk.next(next);
  }
  return { requests, verdict: step.value };
}

function textOf(
  kind: string,
  settings: Record<string, unknown>,
  message = sampleMessage(),
): string {
  return conversation(kind, settings, message, []).requests[0]?.body ?? "";
}

function bodyOf(
  kind: string,
  settings: Record<string, unknown>,
  message = sampleMessage(),
): Record<string, unknown> {
  return Object(JSON.parse(textOf(kind, settings, message)));
}

function part(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => Reflect.get(Object(inner), name), value);
}
