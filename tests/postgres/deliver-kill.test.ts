import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { targetGuard } from "#lib/guard/target-guard.ts";
import { secretBox } from "#lib/run/channel-secrets.ts";
import { createChannel } from "#lib/run/save-channel.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { respond, startReceiver, type Receiver } from "#tests/receiver.ts";

const project = 1;
const leaseMs = 1_500;
const alerts = 40;

const messageBody = z.object({
  alerts: z.array(z.object({ labels: z.record(z.string(), z.string()) })),
});

describe("workers that are killed between decision and delivery", () => {
  let test: TestDatabase;
  let receiver: Receiver;
  let dataDir: string;
  const workers = new Set<ChildProcess>();

  beforeAll(async () => {
    test = await testDatabase();
    receiver = await startReceiver((response, request) => {
      setTimeout(() => respond(200)(response, request), 15);
    });
    dataDir = await mkdtemp(join(tmpdir(), "viascope-kill-"));
    const box = await secretBox({ dataDir, secretKeys: [] });
    const guard = targetGuard(["127.0.0.0/8"]);
    const change = {
      name: "receiver",
      kind: "webhook",
      settings: { url: receiver.url },
      sendResolved: true,
      titleTemplate: null,
      bodyTemplate: null,
      enabled: true,
    };
    await createChannel({ db: test.database, project, box, guard }, change, Date.now());
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill("SIGKILL");
    await receiver.close();
    await test.drop();
    await rm(dataDir, { recursive: true });
  });

  async function startWorker(): Promise<ChildProcess> {
    const path = join(import.meta.dirname, "deliver-worker.ts");
    const worker = fork(path, [test.url, dataDir, String(leaseMs)], { stdio: "inherit" });
    workers.add(worker);
    await once(worker, "message");
    return worker;
  }

  async function kill(worker: ChildProcess): Promise<void> {
    worker.kill("SIGKILL");
    await once(worker, "exit");
    workers.delete(worker);
  }

  async function count(table: string): Promise<number> {
    const answer = await test.database.pool.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM ${table}`,
    );
    return answer.rows[0]?.n ?? -1;
  }

  it("deliver every transition at least once, and record it once", async () => {
    const other = await startWorker();
    for (let place = 0; place < alerts; place += 1) {
      await fire(test, `Alert${place}`);
      if (place % 8 === 0) {
        const worker = await startWorker();
        await new Promise((resolve) => {
          setTimeout(resolve, 10 + place * 5);
        });
        await kill(worker);
      }
    }
    const last = await startWorker();
    await expect
      .poll(() => count("delivery WHERE state = 'delivered'"), { timeout: 20_000, interval: 100 })
      .toBe(alerts);
    await Promise.all([kill(other), kill(last)]);
    const told = receiver.received.map(({ body, headers }) => ({
      id: headers["webhook-id"],
      name: messageBody.parse(JSON.parse(body)).alerts[0]?.labels["alertname"],
    }));
    expect(new Set(told.map(({ name }) => name)).size).toBe(alerts);
    // What was sent again after a kill carries the id it had, so that receivers can tell.
    expect(new Set(told.map(({ id }) => id)).size).toBe(alerts);
    expect(await count("notification_outbox")).toBe(0);
    expect(await count("delivery")).toBe(alerts);
    expect(await count("notification_log")).toBe(alerts);
  });

  it("send again with the same id what nobody knows the answer of", async () => {
    const before = receiver.received.length;
    const doomed = await startWorker();
    receiver.answer(() => doomed.kill("SIGKILL"));
    const gone = once(doomed, "exit");
    await fire(test, "CutShort");
    await gone;
    receiver.answer(respond(200));
    const next = await startWorker();
    await expect
      .poll(() => count("delivery WHERE state = 'delivered'"), { timeout: 10_000, interval: 100 })
      .toBe(alerts + 1);
    await kill(next);
    const sent = receiver.received.slice(before);
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const attempts = await test.database.pool.query(
      `SELECT number, outcome FROM delivery_attempt WHERE delivery_id = $1 ORDER BY number`,
      [sent[0]?.headers["webhook-id"]],
    );
    expect(attempts.rows).toEqual([
      { number: 1, outcome: null },
      { number: 2, outcome: "delivered" },
    ]);
  });
});

async function fire(test: TestDatabase, name: string): Promise<void> {
  const at = new Date().toISOString();
  const event = {
    ruleKey: name,
    fingerprint: Buffer.from(name.padStart(8, ".")).toString("hex").slice(0, 16),
    groupKey: name,
    transitionSeq: 1,
    status: "firing",
    severity: "page",
    labels: { alertname: name },
    annotations: {},
    startsAt: at,
    endsAt: null,
    reason: "the condition holds",
    values: [],
    evidence: [],
    generatorPath: "/alerts",
  };
  // Past its group wait already.
  await test.database.pool.query(
    `INSERT INTO notification_outbox (project_id, created_at, group_key, transition_seq, payload)
     VALUES ($1, now() - interval '1 minute', $2, 1, $3)`,
    [project, name, JSON.stringify(event)],
  );
}
