import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { targetGuard } from "#lib/guard/target-guard.ts";
import { secretBox } from "#lib/run/channel-secrets.ts";
import { deliverer, type Deliverer } from "#lib/run/deliver.ts";
import { createChannel, rotateSecret, type ChannelContext } from "#lib/run/save-channel.ts";
import { saveRoutes } from "#lib/run/save-route.ts";
import { alertEventOf as eventOf } from "#tests/postgres/alert-event.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { reset, respond, stall, startReceiver, type Receiver } from "#tests/receiver.ts";

const webhookBody = z.looseObject({
  status: z.string(),
  notification_reason: z.string(),
  alerts: z.array(z.looseObject({ status: z.string(), labels: z.record(z.string(), z.string()) })),
});

const dropConnections = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid()`;

const project = 1;
const minuteMs = 60_000;

describe("delivery", () => {
  let test: TestDatabase;
  let receiver: Receiver;
  let dataDir: string;
  let context: ChannelContext;
  let nowMs: number;
  let worker: Deliverer;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "viascope-deliver-"));
  });
  afterAll(() => rm(dataDir, { recursive: true }));
  beforeEach(async () => {
    test = await testDatabase();
    receiver = await startReceiver();
    // Verifiers take times within five minutes of theirs; the tests let more than five pass.
    nowMs = Date.now() - 3 * minuteMs;
    const guard = targetGuard(["127.0.0.0/8"]);
    const box = await secretBox({ dataDir, secretKeys: [] });
    context = { db: test.database, project, box, guard };
    worker = newWorker();
  });
  afterEach(async () => {
    await worker.settle();
    await receiver.close();
    await test.drop();
  });

  function newWorker(): Deliverer {
    const settings = {
      dataDir,
      secretKeys: [],
      webhookAllow: ["127.0.0.0/8"],
      publicUrl: "https://viascope.example.com",
      host: "127.0.0.1",
      webPort: 3000,
    };
    return deliverer(test.database, settings, {
      clock: () => nowMs,
      random: () => 0.5,
      timeoutMs: 500,
    });
  }

  async function webhook(name = "on call") {
    const change = {
      name,
      kind: "webhook",
      settings: { url: `${receiver.url}/hook?key=very-secret-key` },
      sendResolved: true,
      titleTemplate: null,
      bodyTemplate: null,
      enabled: true,
    };
    return createChannel(context, change, nowMs);
  }

  let outboxSeq = 0;
  async function transition(status: "firing" | "resolved", name = "HighErrorRate"): Promise<void> {
    outboxSeq += 1;
    const event = eventOf(name, status, nowMs, outboxSeq);
    await test.database.pool.query(
      `INSERT INTO notification_outbox (project_id, created_at, group_key, transition_seq, payload)
       VALUES ($1, $2, $3, $4, $5)`,
      [project, new Date(nowMs), event.groupKey, event.transitionSeq, JSON.stringify(event)],
    );
  }

  /** Lets time pass, in rounds of a second at most. */
  async function pass(ms: number): Promise<void> {
    const until = nowMs + ms;
    const step = Math.max(1_000, Math.ceil(ms / 400));
    await round();
    while (nowMs < until) {
      nowMs = Math.min(until, nowMs + step);
      await round();
    }
  }

  async function round(): Promise<void> {
    await worker.run(nowMs);
    await worker.settle();
  }

  function bodies(): z.infer<typeof webhookBody>[] {
    return receiver.received.map(({ body }) => webhookBody.parse(JSON.parse(body)));
  }

  function isSigned(place: number, secret: string | null): boolean {
    const request = receiver.received[place];
    if (request === undefined) return false;
    const { body, headers } = request;
    const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
    const signature = new Webhook(secret ?? "").sign(String(headers["webhook-id"]), at, body);
    return String(headers["webhook-signature"]).split(" ").includes(signature);
  }

  async function rows(table: string): Promise<Record<string, unknown>[]> {
    return (await test.database.pool.query(`SELECT * FROM ${table}`)).rows;
  }

  it("tells of an alert within a second or two, and of its end, with one signature each", async () => {
    const { signingSecret } = await webhook();
    await transition("firing");
    await pass(2_000);
    await transition("resolved");
    await pass(5 * minuteMs);
    expect(bodies()).toMatchObject([
      { status: "firing", notification_reason: "first notification", receiver: "on call" },
      { status: "resolved", notification_reason: "all alerts resolved" },
    ]);
    const verifier = new Webhook(signingSecret ?? "");
    for (const { body, headers } of receiver.received) {
      const signed = {
        "webhook-id": String(headers["webhook-id"]),
        "webhook-timestamp": String(headers["webhook-timestamp"]),
        "webhook-signature": String(headers["webhook-signature"]),
      };
      expect(() => verifier.verify(body, signed)).not.toThrow();
    }
    expect(await rows("notification_outbox")).toEqual([]);
    expect(await rows("notification_group")).toEqual([]);
    expect(await rows("notification_group_alert")).toEqual([]);
    expect(await rows("delivery")).toHaveLength(2);
    expect((await rows("delivery")).every((row) => row["state"] === "delivered")).toBe(true);
  });

  it("says nothing of an alert that ended before anybody was told", async () => {
    await webhook();
    await transition("firing");
    await transition("resolved");
    await pass(10 * minuteMs);
    expect(receiver.received).toEqual([]);
    expect(await rows("notification_group")).toEqual([]);
  });

  it("groups, adds and repeats as Alertmanager does", async () => {
    await webhook();
    const { policy, revision } = await policyWith({ groupBy: [], repeatIntervalMs: 20 * minuteMs });
    await saveRoutes(test.database, project, { policy, revision }, nowMs);
    await transition("firing", "A");
    await pass(5_000);
    await transition("firing", "B");
    await pass(5 * minuteMs);
    await transition("resolved", "A");
    await pass(5 * minuteMs);
    await pass(25 * minuteMs);
    await transition("resolved", "B");
    await pass(5 * minuteMs);
    expect(
      bodies().map((body) => [body.status, body.notification_reason, body.alerts.length]),
    ).toEqual([
      ["firing", "first notification", 1],
      ["firing", "new alerts added", 2],
      ["firing", "some alerts resolved", 2],
      ["firing", "repeat interval elapsed", 1],
      ["resolved", "all alerts resolved", 1],
    ]);
  });

  async function policyWith(change: Record<string, unknown>) {
    const [row] = await rows("notification_policy");
    const channels = (await rows("channel")).map((channel) => String(channel["id"]));
    const route = { matchers: [], channels, continue: false, routes: [], ...change };
    return { policy: { route, inhibit: [] }, revision: Number(row?.["revision"] ?? 0) };
  }

  it("tries again with the same id until it is taken, and keeps a log of every attempt without secrets", async () => {
    await webhook();
    receiver.answer(respond(503, "very-secret-key is busy"));
    await transition("firing");
    await pass(8_000);
    receiver.answer(reset);
    await pass(40_000);
    receiver.answer(respond(200));
    await pass(3 * minuteMs);
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const attempts = await rows("delivery_attempt ORDER BY number");
    expect(attempts.map((row) => row["outcome"])).toEqual(["retry", "retry", "retry", "delivered"]);
    expect(JSON.stringify(attempts)).not.toContain("very-secret");
    expect(JSON.stringify(await rows("channel"))).not.toContain("very-secret");
    expect(JSON.stringify(await rows("delivery"))).not.toContain("very-secret");
    expect(JSON.stringify(attempts)).toContain("[redacted] is busy");
  });

  it("waits as long as Retry-After asks", async () => {
    await webhook();
    receiver.answer(respond(429, "", { "retry-after": "120" }));
    await transition("firing");
    await pass(100_000);
    expect(receiver.received).toHaveLength(1);
    await pass(25_000);
    expect(receiver.received).toHaveLength(2);
  });

  it("stops trying when the alert has ended, and tells the end, as an attempt may have been heard", async () => {
    await webhook();
    receiver.answer(reset);
    await transition("firing");
    await pass(2_000);
    await transition("resolved");
    receiver.answer(respond(200));
    await pass(3_000);
    expect(bodies().map((body) => body.status)).toEqual(["firing", "resolved"]);
    expect((await rows("delivery ORDER BY created_at")).map((row) => row["state"])).toEqual([
      "superseded",
      "delivered",
    ]);
    await pass(20 * minuteMs);
    expect(receiver.received).toHaveLength(2);
  });

  it("sends a refused message again at the next group interval, and never follows a redirect", async () => {
    await webhook();
    receiver.answer(respond(302, "", { location: "http://169.254.169.254/latest/meta-data" }));
    await transition("firing");
    await pass(4 * minuteMs);
    expect(receiver.received).toHaveLength(1);
    receiver.answer(respond(200));
    await pass(2 * minuteMs);
    expect(bodies().map((body) => body.notification_reason)).toEqual([
      "first notification",
      "first notification",
    ]);
    expect((await rows("delivery ORDER BY created_at")).map((row) => row["state"])).toEqual([
      "failed",
      "delivered",
    ]);
  });

  it("switches a channel off that answers 410", async () => {
    await webhook();
    receiver.answer(respond(410));
    await transition("firing");
    await pass(10 * minuteMs);
    expect(receiver.received).toHaveLength(1);
    expect(await rows("channel")).toMatchObject([
      { disabled_reason: expect.stringContaining("410") },
    ]);
  });

  it("mutes what a silence matches while it holds, and tells the end of what was told before", async () => {
    await webhook();
    await transition("firing", "Told");
    await pass(2_000);
    const matchers = [{ name: "alertname", operator: "=~", value: "Told|Muted" }];
    await test.database.pool.query(
      `INSERT INTO silence (project_id, id, matchers, starts_at, ends_at, author, reason)
       VALUES ($1, $2, $3, $4, $5, 'ann', 'work')`,
      [
        project,
        randomUUID(),
        JSON.stringify(matchers),
        new Date(nowMs),
        new Date(nowMs + 30 * minuteMs),
      ],
    );
    await transition("firing", "Muted");
    await transition("resolved", "Told");
    await pass(6 * minuteMs);
    expect(bodies().map((body) => [body.status, body.notification_reason])).toEqual([
      ["firing", "first notification"],
      ["resolved", "all alerts resolved"],
    ]);
    await pass(31 * minuteMs);
    expect(bodies()).toHaveLength(3);
    expect(bodies()[2]).toMatchObject({ alerts: [{ labels: { alertname: "Muted" } }] });
  });

  it("signs with both secrets during a rotation, and with the new one alone after it", async () => {
    const { channel, signingSecret: old } = await webhook();
    const { signingSecret: fresh } = await rotateSecret(context, channel.id, 1, nowMs);
    await transition("firing", "During");
    await pass(2_000);
    nowMs += 61 * minuteMs;
    await transition("firing", "After");
    await pass(2_000);
    expect([isSigned(0, old), isSigned(0, fresh)]).toEqual([true, true]);
    expect([isSigned(1, old), isSigned(1, fresh)]).toEqual([false, true]);
  });

  it("keeps alerts that fire before there is a channel, and tells them to the first one", async () => {
    await transition("firing");
    await pass(10_000);
    expect(await rows("notification_group")).toEqual([]);
    await webhook();
    await pass(2_000);
    expect(bodies()).toMatchObject([{ status: "firing" }]);
  });

  it("lets a receiver that stalls delay nobody else", async () => {
    const stalled = await webhook("stalled");
    const names = Array.from({ length: 40 }, (_, place) => `Alert${place}`);
    for (const name of names) await transition("firing", name);
    nowMs += 2_000;
    receiver.answer(stall);
    await worker.run(nowMs);
    const { policy, revision } = await policyWith({});
    const other = await startReceiver();
    const change = {
      name: "quick",
      kind: "webhook",
      settings: { url: other.url },
      sendResolved: true,
      titleTemplate: null,
      bodyTemplate: null,
      enabled: true,
    };
    const quick = await createChannel(context, change, nowMs);
    const route = { ...policy.route, channels: [stalled.channel.id, quick.channel.id] };
    await saveRoutes(test.database, project, { policy: { route, inhibit: [] }, revision }, nowMs);
    nowMs += 2_000;
    await worker.run(nowMs);
    await worker.run(nowMs);
    await expect.poll(() => other.received.length, { timeout: 5_000 }).toBeGreaterThan(0);
    expect(receiver.received.length).toBeLessThan(names.length);
    await worker.settle();
    await other.close();
  });

  it("tells of other groups while one cannot be read", async () => {
    await webhook();
    await transition("firing", "Broken");
    await transition("firing", "Whole");
    await worker.run(nowMs);
    await test.database.pool.query(
      `UPDATE notification_alert SET alert = '{}' WHERE alert_key LIKE 'Broken%'`,
    );
    await pass(5_000);
    expect(bodies()).toMatchObject([{ alerts: [{ labels: { alertname: "Whole" } }] }]);
  });

  it("tells everything and records it once while Postgres drops its connections again and again", async () => {
    await webhook();
    const names = Array.from({ length: 40 }, (_, place) => `Alert${place}`);
    for (const name of names) await transition("firing", name);
    nowMs += 2_000;
    for (let turn = 0; turn < 12; turn += 1) {
      const turned = worker.run(nowMs).catch(() => undefined);
      await sleep(turn * 4);
      await test.database.pool.query(dropConnections).catch(() => undefined);
      await turned;
      await worker.settle();
      nowMs += 1_000;
    }
    await pass(2 * minuteMs);
    const told = bodies().map((body) => body.alerts[0]?.labels["alertname"]);
    expect(new Set(told).size).toBe(names.length);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(
      names.length,
    );
    expect(await rows("delivery WHERE state = 'delivered'")).toHaveLength(names.length);
    expect(await rows("delivery")).toHaveLength(names.length);
  });

  it("tells each transition once when two workers run at once", async () => {
    await webhook();
    const workers = [worker, newWorker(), newWorker()];
    const names = Array.from({ length: 30 }, (_, place) => `Alert${place}`);
    for (const name of names) await transition("firing", name);
    for (let turn = 0; turn < 5; turn += 1) {
      await Promise.all(workers.map((one) => one.run(nowMs)));
      nowMs += 1_000;
    }
    await Promise.all(workers.map((one) => one.settle()));
    expect(receiver.received).toHaveLength(names.length);
    expect(await rows("delivery")).toHaveLength(names.length);
    expect(await rows("delivery_attempt")).toHaveLength(names.length);
  });
});
