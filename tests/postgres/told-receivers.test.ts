import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { targetGuard } from "#lib/guard/target-guard.ts";
import { secretBox } from "#lib/run/channel-secrets.ts";
import { deliverer, type Deliverer } from "#lib/run/deliver.ts";
import { createChannel, removeChannel, type ChannelContext } from "#lib/run/save-channel.ts";
import { saveRoutes } from "#lib/run/save-route.ts";
import { createSilence } from "#lib/run/silences.ts";
import { listChannels } from "#lib/store/channels.ts";
import { TestJira } from "#tests/jira.ts";
import { alertEventOf as eventOf } from "#tests/postgres/alert-event.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { reset, respond, startReceiver, type Receiver } from "#tests/receiver.ts";

const project = 1;
const minuteMs = 60_000;
const body = z.looseObject({
  status: z.string(),
  alerts: z.array(z.looseObject({ status: z.string(), labels: z.record(z.string(), z.string()) })),
});
type Route = Parameters<typeof saveRoutes>[2]["policy"]["route"];

describe("a receiver that was told", () => {
  let test: TestDatabase;
  let receiver: Receiver;
  let dataDir: string;
  let context: ChannelContext;
  let nowMs: number;
  let worker: Deliverer;
  let transitions: number;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "viascope-told-"));
  });
  afterAll(() => rm(dataDir, { recursive: true }));
  beforeEach(async () => {
    test = await testDatabase();
    receiver = await startReceiver();
    nowMs = Date.now();
    transitions = 0;
    const box = await secretBox({ dataDir, secretKeys: [] });
    const guard = targetGuard(["127.0.0.0/8"]);
    context = { db: test.database, project, box, guard };
    const settings = {
      dataDir,
      secretKeys: [],
      webhookAllow: ["127.0.0.0/8"],
      publicUrl: "https://viascope.example.com",
      host: "127.0.0.1",
      webPort: 3000,
    };
    const options = { clock: () => nowMs, random: () => 0.5, timeoutMs: 500 };
    worker = deliverer(test.database, settings, options);
  });
  afterEach(async () => {
    await worker.settle();
    await receiver.close();
    await test.drop();
  });

  async function channel(name: string, change: Record<string, unknown> = {}): Promise<string> {
    const wanted = {
      name,
      kind: "webhook",
      settings: { url: `${receiver.url}/${name}` },
      sendResolved: true,
      titleTemplate: null,
      bodyTemplate: null,
      enabled: true,
      ...change,
    };
    return (await createChannel(context, wanted, nowMs)).channel.id;
  }

  async function routes(route: Partial<Route>): Promise<void> {
    const answer = await test.database.pool.query<{ revision: number }>(
      "SELECT revision FROM notification_policy",
    );
    const policy = {
      route: { matchers: [], continue: false, routes: [], ...route },
      inhibit: [],
    };
    const revision = answer.rows[0]?.revision ?? 0;
    await saveRoutes(test.database, project, { policy, revision }, nowMs);
  }

  async function transition(status: "firing" | "resolved", name: string): Promise<void> {
    transitions += 1;
    const event = eventOf(name, status, nowMs, transitions);
    await test.database.pool.query(
      `INSERT INTO notification_outbox (project_id, created_at, group_key, transition_seq, payload)
       VALUES ($1, $2, $3, $4, $5)`,
      [project, new Date(nowMs), event.groupKey, transitions, JSON.stringify(event)],
    );
  }

  /** Lets time pass. */
  async function pass(ms: number): Promise<void> {
    const step = Math.max(1_000, Math.ceil(ms / 60));
    for (const until = nowMs + ms; nowMs < until; nowMs = Math.min(until, nowMs + step)) {
      await worker.run(nowMs);
      await worker.settle();
    }
    await worker.run(nowMs);
    await worker.settle();
  }

  /** What a webhook heard: `A firing, B resolved` for each message. */
  function heard(name: string): string[] {
    return receiver.received
      .filter(({ path }) => path === `/${name}`)
      .map((one) => body.parse(JSON.parse(one.body)))
      .map(({ alerts }) =>
        alerts
          .map(({ labels, status }) => `${labels["alertname"]} ${status}`)
          .toSorted()
          .join(", "),
      );
  }

  async function count(table: string): Promise<number> {
    const answer = await test.database.pool.query(`SELECT FROM ${table}`);
    return answer.rowCount ?? 0;
  }

  it("hears the end although the route leads to another one by then, which hears both", async () => {
    const [a, b] = [await channel("a"), await channel("b")];
    await routes({ channels: [a] });
    await transition("firing", "X");
    await pass(5_000);
    await routes({ channels: [b] });
    await pass(10 * minuteMs);
    expect([heard("a"), heard("b")]).toEqual([["X firing"], ["X firing"]]);
    await transition("firing", "Y");
    await transition("resolved", "X");
    await pass(6 * minuteMs);
    expect(heard("a")).toEqual(["X firing", "X resolved"]);
    expect(heard("b").toSorted()).toEqual(["X firing", "X resolved", "Y firing"]);
    expect(await count("notification_group")).toBe(1);
  });

  it("hears the end in the group it was told of, however alerts are grouped by then", async () => {
    const a = await channel("a");
    await routes({ channels: [a], groupBy: ["alertname"] });
    await transition("firing", "X");
    await pass(5_000);
    const [first] = receiver.received;
    await routes({ channels: [a], groupBy: [] });
    await pass(minuteMs);
    await transition("resolved", "X");
    await pass(10 * minuteMs);
    const keys = (status: string) =>
      receiver.received
        .map((one) =>
          z.looseObject({ status: z.string(), groupKey: z.string() }).parse(JSON.parse(one.body)),
        )
        .filter((one) => one.status === status)
        .map((one) => one.groupKey)
        .toSorted();
    expect(first).toBeDefined();
    expect(keys("firing")).toHaveLength(2);
    expect(keys("resolved")).toEqual(keys("firing"));
    expect(await count("notification_group")).toBe(0);
  });

  it("hears the end when its branch of the tree is gone, weeks later as well", async () => {
    const [a, b] = [await channel("a"), await channel("b")];
    const matchers = [{ name: "alertname", operator: "=" as const, value: "X" }];
    const branch = { matchers, channels: [a], continue: false, routes: [] };
    await routes({ channels: [b], routes: [branch] });
    await transition("firing", "X");
    await pass(5_000);
    await routes({ channels: [b] });
    await pass(20 * 24 * 60 * minuteMs);
    expect(heard("a")).toEqual(["X firing"]);
    await transition("resolved", "X");
    await pass(10 * minuteMs);
    expect(heard("a")).toEqual(["X firing", "X resolved"]);
  });

  it("hears nothing when the route changes before its first message is taken", async () => {
    const [a, b] = [await channel("a"), await channel("b")];
    await routes({ channels: [a], groupWaitMs: minuteMs });
    await transition("firing", "X");
    await pass(5_000);
    await routes({ channels: [b] });
    await transition("resolved", "X");
    await pass(10 * minuteMs);
    expect(heard("a")).toEqual([]);
    expect(await count("notification_group")).toBe(0);
  });

  it("hears the end when nobody knows whether it heard the beginning", async () => {
    const [a, b] = [await channel("a"), await channel("b")];
    await routes({ channels: [a] });
    receiver.answer(reset);
    await transition("firing", "X");
    await pass(2_000);
    await routes({ channels: [b] });
    receiver.answer(respond(200));
    await pass(10 * minuteMs);
    expect(heard("a")).toEqual(["X firing"]);
    await transition("resolved", "X");
    await pass(10 * minuteMs);
    expect(heard("a")).toEqual(["X firing", "X resolved"]);
    expect(heard("b")).toEqual(["X firing", "X resolved"]);
  });

  it("hears the end after it was removed, nothing new, and is forgotten with its secrets then", async () => {
    const a = await channel("a");
    await routes({ channels: [a] });
    await transition("firing", "X");
    await pass(5_000);
    await removeChannel(test.database, project, a, nowMs);
    expect(await listChannels(test.database.pool, project)).toEqual([]);
    await transition("firing", "Y");
    await pass(10 * minuteMs);
    expect(heard("a")).toEqual(["X firing"]);
    expect(await count("channel")).toBe(1);
    const again = await channel("a");
    await removeChannel(test.database, project, again, nowMs);
    expect(await count("channel")).toBe(1);
    await transition("resolved", "X");
    await pass(20 * minuteMs);
    expect(heard("a")).toEqual(["X firing", "X resolved"]);
    expect(await count("channel")).toBe(0);
  });

  it("hears nothing more when it is removed while its first message waits", async () => {
    const a = await channel("a");
    await routes({ channels: [a], groupWaitMs: minuteMs });
    await transition("firing", "X");
    await pass(5_000);
    await removeChannel(test.database, project, a, nowMs);
    await transition("resolved", "X");
    await pass(10 * minuteMs);
    expect(receiver.received).toEqual([]);
    expect(await count("channel")).toBe(0);
  });

  it("hears the end of what a silence hid, also when it was told of others meanwhile", async () => {
    const a = await channel("a");
    await routes({ channels: [a], groupBy: [] });
    await transition("firing", "X");
    await pass(5_000);
    const silence = {
      matchers: [{ name: "alertname", operator: "=" as const, value: "X" }],
      startsAt: new Date(nowMs).toISOString(),
      endsAt: new Date(nowMs + 600 * minuteMs).toISOString(),
      author: "ann",
      reason: "known",
    };
    await createSilence(test.database, project, silence, nowMs);
    await transition("firing", "Y");
    await pass(6 * minuteMs);
    await transition("resolved", "X");
    await pass(6 * minuteMs);
    expect(heard("a")).toEqual(["X firing", "Y firing", "X resolved, Y firing"]);
  });

  it("keeps one Jira issue for an incident, closes it at the end, and gets a new one the next time", async () => {
    const jira = new TestJira();
    receiver.answer(jira.answer);
    const settings = {
      url: receiver.url,
      user: "ann",
      token: "t",
      project: "OPS",
      resolveTransition: "Done",
    };
    const a = await channel("jira", { kind: "jira", settings });
    await routes({ channels: [a], groupBy: ["proxy"] });
    await transition("firing", "X");
    await pass(5_000);
    await transition("firing", "Y");
    await pass(6 * minuteMs);
    expect(jira.issues).toMatchObject([{ key: "OPS-1", status: "To Do" }]);
    expect(jira.issues[0]?.comments).toHaveLength(1);
    await transition("resolved", "X");
    await transition("resolved", "Y");
    await pass(6 * minuteMs);
    expect(jira.issues).toMatchObject([{ key: "OPS-1", status: "Done" }]);
    expect(jira.issues[0]?.comments).toHaveLength(2);
    await transition("firing", "X");
    await pass(6 * minuteMs);
    expect(jira.issues).toMatchObject([
      { key: "OPS-1", status: "Done" },
      { key: "OPS-2", status: "To Do", comments: [] },
    ]);
    await transition("resolved", "X");
    await pass(6 * minuteMs);
    expect(jira.issues[1]).toMatchObject({ status: "Done" });
    expect(jira.issues[1]?.comments).toHaveLength(1);
    expect(jira.indexed).toBe(0);
  });
});
