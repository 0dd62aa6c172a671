import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { readSettings } from "#lib/config/settings.ts";
import { targetGuard } from "#lib/guard/target-guard.ts";
import { secretBox } from "#lib/run/channel-secrets.ts";
import { runIngestRole } from "#lib/run/ingest-role.ts";
import type { RoleSettings, RunningRole } from "#lib/run/role.ts";
import { createChannel } from "#lib/run/save-channel.ts";
import { runWorkerRole } from "#lib/run/worker-role.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { startReceiver, type Received, type Receiver } from "#tests/receiver.ts";

const promisedMs = 15_000;

const webhookBody = z.object({
  status: z.string(),
  alerts: z.array(
    z.object({
      status: z.string(),
      labels: z.record(z.string(), z.string()),
      evidence: z.array(
        z.object({ url: z.string(), from: z.iso.datetime(), to: z.iso.datetime() }),
      ),
      exchanges: z.array(z.object({ url: z.string(), status: z.number().nullable() })),
      valueString: z.string(),
    }),
  ),
});

describe("from fault to webhook", () => {
  let test: TestDatabase;
  let receiver: Receiver;
  let dataDir: string;
  let ingestUrl: string;
  const roles: RunningRole[] = [];

  beforeAll(async () => {
    test = await testDatabase();
    receiver = await startReceiver();
    dataDir = await mkdtemp(join(tmpdir(), "viascope-fault-"));
    const settings: RoleSettings = {
      ...readSettings({
        VIASCOPE_DATA_DIR: dataDir,
        VIASCOPE_WEBHOOK_ALLOW: "127.0.0.0/8",
        VIASCOPE_PUBLIC_URL: "https://viascope.example.com",
        VIASCOPE_OTLP_HTTP_PORT: "0",
        VIASCOPE_OTLP_GRPC_PORT: "0",
        VIASCOPE_SYSLOG_PORT: "0",
        VIASCOPE_WORKER_PORT: "0",
      }),
      databaseUrl: test.url,
    };
    const ingest = await runIngestRole(settings);
    roles.push(ingest, await runWorkerRole(settings));
    ingestUrl = `http://127.0.0.1:${ingest.ports["VIASCOPE_OTLP_HTTP_PORT"]}`;
  });
  afterAll(async () => {
    await Promise.all(roles.map((role) => role.stop()));
    await receiver.close();
    await test.drop();
    await rm(dataDir, { recursive: true });
  });

  it("takes at most 15 s, with evidence in it", { timeout: 60_000 }, async () => {
    const box = await secretBox({ dataDir, secretKeys: [] });
    const guard = targetGuard(["127.0.0.0/8"]);
    const change = {
      name: "phone",
      kind: "webhook",
      settings: { url: receiver.url },
      sendResolved: true,
      titleTemplate: null,
      bodyTemplate: null,
      enabled: true,
    };
    const context = { db: test.database, project: 1, box, guard };
    const { signingSecret } = await createChannel(context, change, Date.now());
    const lines = Array.from({ length: 60 }, () => line(503)).join("\n");
    const brokenAtMs = Date.now();
    const sent = await fetch(`${ingestUrl}/ingest/access-logs?format=nginx&proxy=edge`, {
      method: "POST",
      body: lines,
    });
    expect(await sent.json()).toMatchObject({ accepted: 60, rejected: 0 });
    const burst = await first("5xx burst");
    expect(burst.atMs - brokenAtMs).toBeLessThan(promisedMs);
    const signed = {
      "webhook-id": String(burst.headers["webhook-id"]),
      "webhook-timestamp": String(burst.headers["webhook-timestamp"]),
      "webhook-signature": String(burst.headers["webhook-signature"]),
    };
    expect(() => new Webhook(signingSecret ?? "").verify(burst.body, signed)).not.toThrow();
    const message = webhookBody.parse(JSON.parse(burst.body));
    const [alert] = message.alerts;
    expect(alert?.labels).toMatchObject({ proxy: "edge" });
    expect(alert?.evidence[0]?.url).toMatch(/^https:\/\/viascope\.example\.com\/.+/);
    expect(alert?.exchanges[0]).toMatchObject({
      status: 503,
      url: expect.stringMatching(/^https:\/\/viascope\.example\.com\/exchanges\//),
    });
    expect(alert?.valueString).not.toBe("");
  });

  async function first(name: string): Promise<Received> {
    const found = () =>
      receiver.received.find(({ body }) => body.includes(`"alertname":"${name}"`));
    await expect.poll(found, { timeout: 30_000, interval: 50 }).toBeDefined();
    const one = found();
    if (one === undefined) throw new Error("It was there a moment ago.");
    return one;
  }
});

function line(status: number): string {
  // Sat, 21 Nov 2026 03:09:15 GMT
  const now = new Date().toUTCString();
  const time = `${now.slice(5, 7)}/${now.slice(8, 11)}/${now.slice(12, 16)}:${now.slice(17, 25)}`;
  return `10.0.0.9 - - [${time} +0000] "GET /rsc.io/quote/@v/list HTTP/1.1" ${status} 120 "-" "Go-http-client/1.1" rt=0.010 ua="10.0.0.1:80" us="${status}" urt="0.010" cs=MISS`;
}
