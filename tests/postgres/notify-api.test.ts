import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import * as rotate from "#app/api/v1/channels/[id]/rotate/route.ts";
import * as channel from "#app/api/v1/channels/[id]/route.ts";
import * as preview from "#app/api/v1/channels/preview/route.ts";
import * as channels from "#app/api/v1/channels/route.ts";
import * as tryChannel from "#app/api/v1/channels/test/route.ts";
import * as resend from "#app/api/v1/deliveries/[id]/resend/route.ts";
import * as delivery from "#app/api/v1/deliveries/[id]/route.ts";
import * as deliveries from "#app/api/v1/deliveries/route.ts";
import * as explain from "#app/api/v1/routes/explain/route.ts";
import * as routes from "#app/api/v1/routes/route.ts";
import { adoptSettings } from "#lib/config/environment.ts";
import { channelsAnswer, channelSaved, channelTestAnswer } from "#lib/contract/channels.ts";
import { deliveriesAnswer, deliveryAnswer } from "#lib/contract/deliveries.ts";
import { routesAnswer, routesExplanation } from "#lib/contract/routes.ts";
import { queryDeliveries } from "#lib/query/deliveries.ts";
import { deliverer } from "#lib/run/deliver.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { respond, startReceiver, type Receiver } from "#tests/receiver.ts";

type Handler = (
  request: Request,
  context: { readonly params: Promise<Record<string, string>> },
) => Promise<Response>;

const ours = { "x-viascope-request": "1", host: "localhost:3000" };

describe("the API of notification", () => {
  let test: TestDatabase;
  let receiver: Receiver;
  let dataDir: string;

  beforeAll(async () => {
    test = await testDatabase();
    receiver = await startReceiver();
    dataDir = await mkdtemp(join(tmpdir(), "viascope-notify-api-"));
    adoptSettings({
      DATABASE_URL: test.url,
      VIASCOPE_DATA_DIR: dataDir,
      VIASCOPE_WEBHOOK_ALLOW: "127.0.0.0/8",
    });
  });
  afterAll(async () => {
    await receiver.close();
    await test.drop();
    await rm(dataDir, { recursive: true });
  });

  function webhook(change: Record<string, unknown> = {}) {
    const settings = { url: `${receiver.url}/hook/with-a-secret-path` };
    return { name: "on call", kind: "webhook", settings, ...change };
  }

  it.each([
    ["no JSON", "{", 400, /must be JSON/],
    ["no name", { kind: "webhook", settings: {} }, 400, /`name`/],
    [
      "an unknown kind",
      { name: "a", kind: "pigeon", settings: {} },
      400,
      /no kind of channel called pigeon/,
    ],
    ["settings that do not fit", { name: "a", kind: "webhook", settings: {} }, 400, /`url`/],
    [
      "a private address",
      { name: "a", kind: "webhook", settings: { url: "https://10.0.0.1/" } },
      400,
      /not a public address/,
    ],
    [
      "the address of credentials",
      { name: "a", kind: "webhook", settings: { url: "http://169.254.169.254/" } },
      400,
      /credentials/,
    ],
    [
      "a signing secret of one's own is ignored, the rest is wrong",
      { name: "a", kind: "webhook", settings: { signing: [] } },
      400,
      /`url`/,
    ],
  ])("refuses a channel with %s", async (_name, body, status, detail) => {
    const answer = await ask(channels.POST, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status, detail: expect.stringMatching(detail) });
  });

  it("refuses changes from other sites", async () => {
    const answers = await Promise.all([
      ask(channels.POST, webhook(), {}, { host: "localhost:3000" }),
      ask(channels.POST, webhook(), {}, { ...ours, origin: "https://evil.example.com" }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([403, 403]);
  });

  it("tries a channel before it is saved, and shows the conversation", async () => {
    receiver.answer(respond(500, "no room for with-a-secret-path"));
    const answer = channelTestAnswer.parse(await (await ask(tryChannel.POST, webhook())).json());
    expect(answer).toMatchObject({
      outcome: "retry",
      reason: "answered 500: no room for [redacted]",
    });
    expect(answer.exchanges[0]?.request.to).toBe(`${receiver.url}/…`);
    expect(JSON.parse(receiver.received.at(-1)?.body ?? "")).toMatchObject({
      test: true,
      version: "4",
    });
    receiver.answer(respond(204));
    expect(await (await ask(tryChannel.POST, webhook())).json()).toMatchObject({
      outcome: "delivered",
    });
    expect(channelsAnswer.parse(await (await ask(channels.GET)).json()).items).toEqual([]);
  });

  it("shows a signing secret once, keeps secrets that are not given, and lets one change win", async () => {
    const saved = channelSaved.parse(await (await ask(channels.POST, webhook())).json());
    expect(saved.signingSecret).toMatch(/^whsec_/);
    const { id, revision } = saved.channel;
    const listed = await (await ask(channels.GET)).text();
    expect(listed).not.toMatch(/whsec_|with-a-secret-path/);
    expect(channelsAnswer.parse(JSON.parse(listed)).items).toMatchObject([
      { id, hint: `${receiver.url}/…`, secretsSet: expect.arrayContaining(["url", "signing"]) },
    ]);
    const update = { name: "pager", kind: "webhook", settings: {}, revision };
    const changes = await Promise.all([1, 2].map(() => ask(channel.PUT, update, { id })));
    expect(new Set(changes.map((change) => change.status))).toEqual(new Set([200, 409]));
    expect(await (await ask(channel.GET, undefined, { id })).json()).toMatchObject({
      name: "pager",
      secretsSet: expect.arrayContaining(["url", "signing"]),
    });
    const again = await ask(channels.POST, webhook({ name: "pager" }));
    expect(again.status).toBe(409);
    const rotated = channelSaved.parse(
      await (await ask(rotate.POST, { overlapHours: 1 }, { id })).json(),
    );
    expect(rotated.signingSecret).not.toBe(saved.signingSecret);
  });

  it("tells the first channel of everything, and takes a tree of routes in its place", async () => {
    const [known] = channelsAnswer.parse(await (await ask(channels.GET)).json()).items;
    const before = routesAnswer.parse(await (await ask(routes.GET)).json());
    expect(before.policy.route.channels).toEqual([known?.id]);
    const tree = {
      route: {
        channels: [],
        routes: [
          {
            matchers: [{ name: "severity", operator: "=~", value: "page|ticket" }],
            channels: [known?.id],
            groupWaitMs: 0,
          },
        ],
      },
    };
    const change = { policy: tree, revision: before.revision };
    expect((await ask(routes.PUT, change)).status).toBe(200);
    expect((await ask(routes.PUT, change)).status).toBe(409);
    const question = (severity: string) =>
      ask(explain.POST, { labels: { alertname: "A", severity } });
    const page = routesExplanation.parse(await (await question("page")).json());
    expect(page.routes).toMatchObject([
      { channels: [{ name: "pager" }], groupKey: '{}/{severity=~"page|ticket"}:{alertname="A"}' },
    ]);
    expect(routesExplanation.parse(await (await question("info")).json()).routes).toMatchObject([
      { channels: [] },
    ]);
  });

  it.each([
    [
      "a pattern that RE2 refuses",
      { route: { routes: [{ matchers: [{ name: "a", operator: "=~", value: "(?=x)" }] }] } },
      /RE2/,
    ],
    [
      "a channel that is not there",
      { route: { channels: ["11111111-1111-4111-8111-111111111111"] } },
      /no channel/,
    ],
    [
      "matchers on the first route",
      { route: { matchers: [{ name: "a", operator: "=", value: "b" }] } },
      /first route/,
    ],
  ])("refuses routes with %s", async (_name, policy, detail) => {
    const { revision } = routesAnswer.parse(await (await ask(routes.GET)).json());
    const answer = await ask(routes.PUT, { policy, revision });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it("logs deliveries with every attempt, and sends one again when asked", async () => {
    receiver.answer(respond(204));
    await fire(test);
    const worker = deliverer(test.database, {
      dataDir,
      secretKeys: [],
      webhookAllow: ["127.0.0.0/8"],
      publicUrl: null,
      host: "127.0.0.1",
      webPort: 3000,
    });
    await worker.run(Date.now());
    await worker.settle();
    const log = deliveriesAnswer.parse(await (await ask(deliveries.GET)).json());
    expect(log.items).toMatchObject([{ state: "delivered", kind: "alert", attempts: 1 }]);
    const ofAlert = (alert: string) => queryDeliveries(test.database, 1, { alert, limit: 5 });
    expect([await ofAlert("r/1"), await ofAlert("r/2")]).toMatchObject([log.items, []]);
    const id = log.items[0]?.id ?? "";
    const one = deliveryAnswer.parse(await (await ask(delivery.GET, undefined, { id })).json());
    expect(one.attempts).toMatchObject([
      { number: 1, outcome: "delivered", exchanges: [{ response: { status: 204 } }] },
    ]);
    expect((await ask(resend.POST, undefined, { id })).status).toBe(200);
    await worker.run(Date.now());
    await worker.settle();
    const bodies = receiver.received.slice(-2).map(({ body }) => body);
    expect(bodies[0]).toBe(bodies[1]);
    const missing = "11111111-1111-4111-8111-111111111111";
    expect((await ask(delivery.GET, undefined, { id: missing })).status).toBe(404);
  });

  it("previews templates, and says what is wrong with one", async () => {
    const right = await ask(preview.POST, {
      titleTemplate: "{{ status | upcase }}",
      bodyTemplate: null,
    });
    expect(await right.json()).toEqual({ title: "FIRING", body: null, problem: null });
    const wrong = await ask(preview.POST, { titleTemplate: "{{ x | nope }}", bodyTemplate: null });
    expect(await wrong.json()).toMatchObject({
      problem: expect.stringMatching(/undefined filter: nope/),
    });
  });

  it("removes a channel from its routes as well", async () => {
    const [known] = channelsAnswer.parse(await (await ask(channels.GET)).json()).items;
    expect((await ask(channel.DELETE, undefined, { id: known?.id ?? "" })).status).toBe(200);
    expect((await ask(channel.DELETE, undefined, { id: known?.id ?? "" })).status).toBe(404);
    const after = routesAnswer.parse(await (await ask(routes.GET)).json());
    expect(JSON.stringify(after.policy)).not.toContain(known?.id);
  });
});

async function ask(
  handler: Handler,
  body?: unknown,
  params: Record<string, string> = {},
  headers: Record<string, string> = ours,
): Promise<Response> {
  const content = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request("http://localhost:3000/api/v1/x", {
    method: body === undefined ? "GET" : "POST",
    headers,
    ...(body === undefined ? {} : { body: content }),
  });
  return handler(request, { params: Promise.resolve(params) });
}

async function fire(test: TestDatabase): Promise<void> {
  const at = new Date().toISOString();
  const event = {
    ruleKey: "r",
    fingerprint: "00000000000000aa",
    groupKey: "r/1",
    transitionSeq: 1,
    status: "firing",
    severity: "page",
    labels: { alertname: "A", severity: "page" },
    annotations: {},
    startsAt: at,
    endsAt: null,
    reason: "the condition holds",
    values: [],
    evidence: [],
    generatorPath: "/alerts",
  };
  await test.database.pool.query(
    `INSERT INTO notification_outbox (project_id, created_at, group_key, transition_seq, payload)
     VALUES (1, now() - interval '1 s', 'r/1', 1, $1)`,
    [z.json().parse(JSON.parse(JSON.stringify(event)))],
  );
}
