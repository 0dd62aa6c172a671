import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { targetGuard } from "#lib/guard/target-guard.ts";
import { secretBox } from "#lib/run/channel-secrets.ts";
import { deliverer } from "#lib/run/deliver.ts";
import { createChannel } from "#lib/run/save-channel.ts";
import { saveRoutes } from "#lib/run/save-route.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { respond, startReceiver, type Received, type Receiver } from "#tests/receiver.ts";

import { hasAlertmanager, startAlertmanager, type RunningAlertmanager } from "./alertmanager.ts";

const project = 1;
const waitMs = 1_000;
const intervalMs = 3_000;
const repeatMs = 7_000;
const turns = 6;
const groupCount = 24;

/** One change of one alert, so long after the group began. */
interface Change {
  readonly alert: string;
  readonly status: "firing" | "resolved";
  readonly afterMs: number;
}

interface Story {
  readonly group: string;
  /** Its receiver refuses the first message. */
  readonly refused: boolean;
  readonly changes: readonly Change[];
}

const told = z.object({
  status: z.string(),
  alerts: z.array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()) })),
});

const available = hasAlertmanager();

describe.skipIf(!available)(
  "beside Debian's prometheus-alertmanager (skipped where it is not installed)",
  () => {
    let test: TestDatabase;
    let folder: string;
    let ours: Receiver;
    let theirs: Receiver;
    let alertmanager: RunningAlertmanager;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "viascope-alertmanager-"));
      test = await testDatabase();
      [ours, theirs] = await Promise.all([startReceiver(), startReceiver()]);
      alertmanager = await startAlertmanager(folder, configFor(theirs.url));
    });
    afterAll(async () => {
      await alertmanager.stop();
      await Promise.all([ours.close(), theirs.close()]);
      await test.drop();
      await rm(folder, { recursive: true });
    });

    it(
      "groups, repeats and resolves random sequences of alerts in the same messages",
      { timeout: 120_000 },
      async () => {
        const stories = randomStories();
        for (const receiver of [ours, theirs]) refuseFirst(receiver, stories);
        const worker = await workerFor(test, folder, ours.url);
        await Promise.all(stories.map((story) => play(story, test, alertmanager.url)));
        await sleep(2 * intervalMs);
        await worker.stop();
        for (const { group } of stories) {
          const [toldHere, toldThere] = withoutLastRepeat(
            messagesOf(ours.received, group),
            messagesOf(theirs.received, group),
          );
          expect({ group, messages: toldHere }).toEqual({ group, messages: toldThere });
        }
        // The comparison is of something: most stories tell several messages.
        expect(theirs.received.length).toBeGreaterThan(groupCount * 2);
      },
    );
  },
);

/**
 * Both sequences, one of them without its last message where that only repeats the one before it: the comparison ends at
 * some moment, and a repeat that falls on it may have been told by one side already and by the other not yet.
 */
function withoutLastRepeat(a: readonly string[], b: readonly string[]): (readonly string[])[] {
  const longer = a.length > b.length ? a : b;
  const isRepeat = longer.length > 1 && longer.at(-1) === repeatOf(longer.at(-2) ?? "");
  if (Math.abs(a.length - b.length) !== 1 || !isRepeat) return [a, b];
  return [a, b].map((messages) => (messages === longer ? messages.slice(0, -1) : messages));
}

/** What repeats a message: those that still fire, as the end of an alert is told once. */
function repeatOf(message: string): string {
  const [status = "", alerts = ""] = message.split(": ");
  const firing = alerts.split(", ").filter((alert) => alert.endsWith(" firing"));
  return `${status}: ${firing.join(", ")}`;
}

/** Changes come in the middle between two looks at a group, so that no race decides which look sees them. */
function randomStories(): Story[] {
  const alert = fc.constantFrom("a", "b", "c");
  const status = fc.constantFrom("firing" as const, "resolved" as const);
  const turn = fc.array(fc.tuple(alert, status), { maxLength: 2 });
  const story = fc.record({
    refused: fc.boolean(),
    endsAtOnce: fc.boolean(),
    turns: fc.array(turn, { minLength: turns, maxLength: turns }),
  });
  return fc.sample(story, { seed: 20_261_120, numRuns: groupCount }).map((drawn, place) => ({
    group: `Group${place}`,
    refused: drawn.refused,
    changes: withoutRevival([
      { alert: "a", status: "firing", afterMs: 0 },
      ...(drawn.endsAtOnce && place % 4 === 0
        ? [{ alert: "a", status: "resolved" as const, afterMs: waitMs / 2 }]
        : []),
      ...drawn.turns.flatMap((changes, number) =>
        changes.map(([name, next], order) => ({
          alert: name,
          status: next,
          afterMs: waitMs + intervalMs * number + intervalMs / 2 + order * 200,
        })),
      ),
    ]),
  }));
}

/** A group that ended stays ended: how soon Alertmanager clears an empty group is its housekeeping, not its semantics. */
function withoutRevival(changes: readonly Change[]): Change[] {
  const firing = new Set<string>();
  const kept: Change[] = [];
  for (const change of changes) {
    if (kept.length > 0 && firing.size === 0) break;
    if (firing.has(change.alert) === (change.status === "firing")) continue;
    kept.push(change);
    if (change.status === "firing") firing.add(change.alert);
    else firing.delete(change.alert);
  }
  return kept;
}

async function play(story: Story, test: TestDatabase, alertmanager: string): Promise<void> {
  const begun = Date.now();
  const startsAt = new Map<string, string>();
  for (const [place, change] of story.changes.entries()) {
    await sleep(Math.max(0, begun + change.afterMs - Date.now()));
    const now = new Date().toISOString();
    if (change.status === "firing") startsAt.set(change.alert, now);
    const since = startsAt.get(change.alert) ?? now;
    await Promise.all([
      tellAlertmanager(alertmanager, story.group, change, since, now),
      tellOutbox(test, story.group, change, since, now, place + 1),
    ]);
  }
  await sleep(Math.max(0, begun + waitMs + turns * intervalMs - Date.now()));
}

async function tellAlertmanager(
  url: string,
  group: string,
  { alert, status }: Change,
  startsAt: string,
  now: string,
): Promise<void> {
  const later = new Date(Date.parse(now) + 3_600_000).toISOString();
  const body = JSON.stringify([
    {
      labels: { alertname: group, instance: alert },
      startsAt,
      endsAt: status === "firing" ? later : now,
    },
  ]);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/api/v2/alerts`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
}

async function tellOutbox(
  test: TestDatabase,
  group: string,
  { alert, status }: Change,
  startsAt: string,
  now: string,
  seq: number,
): Promise<void> {
  const key = `${group}/${alert}`;
  const event = {
    ruleKey: group,
    fingerprint: Buffer.from(key.padStart(8, ".")).toString("hex").slice(-16),
    groupKey: key,
    transitionSeq: seq,
    status,
    severity: "page",
    labels: { alertname: group, instance: alert },
    annotations: {},
    startsAt,
    endsAt: status === "resolved" ? now : null,
    reason: "told",
    values: [],
    evidence: [],
    generatorPath: "/alerts",
  };
  await test.database.pool.query(
    `INSERT INTO notification_outbox (project_id, created_at, group_key, transition_seq, payload)
     VALUES ($1, $2, $3, $4, $5)`,
    [project, now, key, seq, JSON.stringify(event)],
  );
}

async function workerFor(test: TestDatabase, dataDir: string, url: string) {
  const db = test.database;
  const box = await secretBox({ dataDir, secretKeys: [] });
  const guard = targetGuard(["127.0.0.0/8"]);
  const change = {
    name: "sink",
    kind: "webhook",
    settings: { url },
    sendResolved: true,
    titleTemplate: null,
    bodyTemplate: null,
    enabled: true,
  };
  const { channel } = await createChannel({ db, project, box, guard }, change, Date.now());
  const route = {
    matchers: [],
    channels: [channel.id],
    groupBy: ["alertname"],
    groupWaitMs: waitMs,
    groupIntervalMs: intervalMs,
    repeatIntervalMs: repeatMs,
    continue: false,
    routes: [],
  };
  await saveRoutes(db, project, { policy: { route, inhibit: [] }, revision: 1 }, Date.now());
  const worker = deliverer(db, {
    dataDir,
    secretKeys: [],
    webhookAllow: ["127.0.0.0/8"],
    publicUrl: null,
    host: "127.0.0.1",
    webPort: 3000,
  });
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await worker.run(Date.now());
      await sleep(50);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
      await worker.settle();
    },
  };
}

function refuseFirst(receiver: Receiver, stories: readonly Story[]): void {
  const left = new Set(stories.filter((story) => story.refused).map((story) => story.group));
  receiver.answer((response, request) => {
    const group = told.parse(JSON.parse(request.body)).alerts[0]?.labels["alertname"] ?? "";
    respond(left.delete(group) ? 400 : 200)(response, request);
  });
}

/** What a receiver was told of a group: the status, and how each alert stands. */
function messagesOf(received: readonly Received[], group: string): string[] {
  return received
    .map(({ body }) => told.parse(JSON.parse(body)))
    .filter(({ alerts }) => alerts[0]?.labels["alertname"] === group)
    .map(({ status, alerts }) => {
      const states = alerts.map((alert) => `${alert.labels["instance"]} ${alert.status}`);
      return `${status}: ${states.toSorted().join(", ")}`;
    });
}

function configFor(sink: string): string {
  return `
route:
  receiver: sink
  group_by: [alertname]
  group_wait: ${waitMs / 1000}s
  group_interval: ${intervalMs / 1000}s
  repeat_interval: ${repeatMs / 1000}s
receivers:
  - name: sink
    webhook_configs:
      - url: ${sink}/
        send_resolved: true
`;
}
