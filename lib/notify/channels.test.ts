import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { targetGuard } from "#lib/guard/target-guard.ts";
import { samples, type Sample } from "#tests/notify/channel-settings.ts";
import { hugeAlerts, sampleAlert, sampleMessage } from "#tests/notify/sample-message.ts";
import {
  drip,
  reset,
  respond,
  stall,
  startReceiver,
  type Answer,
  type Receiver,
} from "#tests/receiver.ts";

import { attempt, type Attempt } from "./attempt.ts";
import type { Verdict } from "./channel-kind.ts";
import { channelKindOf, channelKinds } from "./channels.ts";
import { bytesOf } from "./cut.ts";
import { sender } from "./send-request.ts";

const nowMs = Date.parse("2026-11-20T10:00:05Z");
/** Nothing here waits for it: where time runs out, the test says when. */
const timeoutMs = 60_000;
const send = sender({
  guard: targetGuard(["127.0.0.1"]),
  timeoutMs,
  responseBytesMax: 10_000,
  userAgent: "Viascope",
});

interface Row {
  readonly name: string;
  readonly answer: Answer;
  readonly verdict: Verdict["kind"];
  readonly reason?: RegExp;
  /** Time runs out when it has answered. */
  readonly isLate?: true;
}

const battery: readonly Row[] = [
  {
    name: "301",
    answer: respond(301, "", { location: "http://127.0.0.1:1/" }),
    verdict: "rejected",
    reason: /redirect/,
  },
  {
    name: "302 to a private address",
    answer: respond(302, "", { location: "http://169.254.169.254/" }),
    verdict: "rejected",
  },
  { name: "307", answer: respond(307, "", { location: "/again" }), verdict: "rejected" },
  { name: "400", answer: respond(400, "bad body"), verdict: "rejected", reason: /400: bad body/ },
  { name: "401", answer: respond(401), verdict: "rejected" },
  { name: "403", answer: respond(403), verdict: "rejected" },
  { name: "410", answer: respond(410), verdict: "gone" },
  { name: "429", answer: respond(429, "", { "retry-after": "7" }), verdict: "retry" },
  { name: "500", answer: respond(500), verdict: "retry" },
  { name: "502", answer: respond(502, "<html>bad gateway</html>"), verdict: "retry" },
  { name: "503", answer: respond(503), verdict: "retry" },
  {
    name: "no answer in time",
    answer: stall,
    verdict: "retry",
    reason: /did not answer within 60 s/,
    isLate: true,
  },
  {
    name: "a body without an end",
    answer: drip,
    verdict: "retry",
    reason: /did not answer within 60 s/,
    isLate: true,
  },
  {
    name: "a connection that breaks",
    answer: reset,
    verdict: "retry",
    reason: /closed the connection/,
  },
  {
    name: "an error with a body without measure",
    answer: respond(500, "x".repeat(1_000_000)),
    verdict: "retry",
  },
];

describe.each(samples)("$kind", (sample) => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  beforeEach(() => {
    receiver.received.length = 0;
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => receiver.close());

  it("is taken when the receiver says so, in one conversation", async () => {
    receiver.answer(sample.yes);
    const made = await run(sample, receiver);
    expect(made.verdict).toMatchObject({ kind: "delivered" });
    expect(made.exchanges).toHaveLength(receiver.received.length);
  });

  it.each(battery)("judges $name as $verdict", async ({ answer, verdict, reason, isLate }) => {
    const deadline = new AbortController();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(deadline.signal);
    receiver.answer((response, request) => {
      answer(response, request);
      if (isLate === true) setTimeout(() => deadline.abort(), 20);
    });
    const made = await run(sample, receiver);
    expect(made.verdict.kind).toBe(verdict);
    expect(JSON.stringify(made.verdict)).toMatch(reason ?? /./);
    expect(receiver.received).toHaveLength(1);
    expect(timeout).toHaveBeenCalledExactlyOnceWith(timeoutMs);
  });

  it("does not take HTTP 200 with an error in the body for success", async () => {
    receiver.answer(respond(200, sample.no?.body ?? ""));
    const made = await run(sample, receiver);
    expect(made.verdict.kind).toBe(sample.no?.verdict ?? "delivered");
  });

  it("waits as long as Retry-After says", async () => {
    receiver.answer(respond(429, "{}", { "retry-after": "7" }));
    expect((await run(sample, receiver)).verdict).toMatchObject({ retryAfterMs: 7_000 });
  });

  it("shows no secret in what it tells of an attempt", async () => {
    for (const answer of [
      sample.yes,
      respond(500, JSON.stringify(sample.settings(receiver.url))),
    ]) {
      receiver.answer(answer);
      const shown = JSON.stringify(await run(sample, receiver));
      const secrets = secretWords(sample);
      expect(secrets).not.toEqual([]);
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });

  it("stays within what the receiver takes, however much there is to tell", async () => {
    receiver.answer(sample.yes);
    const made = await run(sample, receiver, { alerts: hugeAlerts(60) });
    expect(made.verdict).toMatchObject({ kind: "delivered" });
    const last = receiver.received.at(-1)?.body ?? "";
    expect(bytesOf(last)).toBeLessThan(520_000);
    expect(last.isWellFormed()).toBe(true);
    expect(JSON.parse(last)).toBeTruthy();
  });

  it("tells the end of an alert", async () => {
    receiver.answer(sample.yes);
    const ended = [sampleAlert({ status: "resolved", endsAt: "2026-11-20T10:00:04.000Z" })];
    expect((await run(sample, receiver, { alerts: ended })).verdict).toEqual({ kind: "delivered" });
    expect(receiver.received.length).toBeGreaterThan(0);
  });

  it("opens no connection to an address that the operator did not allow", async () => {
    receiver.answer(sample.yes);
    const closed = sender({
      guard: targetGuard([]),
      timeoutMs,
      responseBytesMax: 1_000,
      userAgent: "Viascope",
    });
    const made = await run(sample, receiver, { send: closed });
    expect(made.verdict).toMatchObject({
      kind: "rejected",
      reason: expect.stringContaining("127.0.0.1 is not a public address"),
    });
    expect(receiver.received).toEqual([]);
  });

  it("uses the texts that the operator wrote", async () => {
    receiver.answer(sample.yes);
    await run(sample, receiver, { title: '{"written":"title"}', body: '{"written":"by hand"}' });
    const bodies = receiver.received.map(({ body }) => body).join("\n");
    // An Alertmanager has its own texts.
    expect(bodies.includes("by hand")).toBe(sample.kind !== "alertmanager");
  });
});

describe("the list of kinds", () => {
  it("has a sample for each kind over HTTP, so that none escapes the battery", () => {
    const kinds = channelKinds.map(({ kind }) => kind).filter((kind) => kind !== "email");
    expect(samples.map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted());
  });

  it.each(channelKinds)(
    "$kind describes its settings as JSON Schema and refuses others with a sentence",
    (kind) => {
      expect(kind.settingsSchema).toMatchObject({ type: "object" });
      expect(kind.open({})).toMatch(/^`\w+`: .+\.$/);
      expect(Object.keys(Object(kind.settingsSchema["properties"]))).toEqual(
        expect.arrayContaining([...kind.secrets]),
      );
    },
  );

  it("refuses addresses that hold a password", () => {
    const opened = channelKindOf("webhook")?.open({ url: "https://user:pass@example.com/" });
    expect(opened).toMatch(/must not hold a user or password/);
  });
});

async function run(
  sample: Sample,
  receiver: Receiver,
  change: {
    readonly alerts?: ReturnType<typeof hugeAlerts>;
    readonly title?: string;
    readonly body?: string;
    readonly send?: typeof send;
  } = {},
): Promise<Attempt> {
  const settings = sample.settings(receiver.url);
  const channel = channelKindOf(sample.kind)?.open(settings);
  if (channel === undefined || typeof channel === "string") throw new Error(channel);
  const envelope = {
    deliveryId: "11111111-1111-4111-8111-111111111111",
    message: sampleMessage(change.alerts),
    title: change.title ?? null,
    body: change.body ?? null,
    nowMs,
    repeatIntervalMs: 14_400_000,
    thread: null,
  };
  const secrets = Object.fromEntries(
    Object.entries(channel.settings).filter(([name]) =>
      channelKindOf(sample.kind)?.secrets.includes(name),
    ),
  );
  return attempt(channel, envelope, secrets, change.send ?? send);
}

/** What must never be read anywhere: the parts of settings that look like keys. */
function secretWords(sample: Sample): string[] {
  const text = JSON.stringify(sample.settings(""));
  return (
    text.match(/[\w-]*(?:secret|password|key-0|token|sign\b|signature|SECdingtalk|A{32})[\w-]*/g) ??
    []
  ).filter(
    (word) =>
      ![
        "secret",
        "signing",
        "password",
        "access_token",
        "botToken",
        "token",
        "routingKey",
      ].includes(word),
  );
}
