import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

import { proxiesAnswer } from "#lib/contract/summary.ts";

import { startStack, type Stack } from "../stack/stack.ts";

test.describe("Viascope as a whole", () => {
  let dataDir: string;
  test.beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "viascope-kept-"));
  });
  test.afterEach(() => rm(dataDir, { recursive: true, force: true }));

  test("keeps its data over a restart, and a second start on it is refused", async ({
    request,
  }) => {
    const first = await startStack({ VIASCOPE_DATA_DIR: dataDir });
    await send(first, request);
    const second = await startStack({ VIASCOPE_DATA_DIR: dataDir }).catch(String);
    expect(second).toMatch(
      /Another Viascope is already running on .*: stop it, or set VIASCOPE_DATA_DIR/,
    );
    await first.stop();

    const third = await startStack({ VIASCOPE_DATA_DIR: dataDir });
    await expect.poll(() => requestsOf(third, request), { timeout: 20_000 }).toBe(1);
    await third.stop();
  });

  test("starts a role again that was killed, on the port that senders know", async ({
    request,
  }) => {
    const stack = await startStack({ VIASCOPE_DATA_DIR: dataDir });
    process.kill(roleOf(stack, "ingest"), "SIGKILL");
    await expect.poll(() => send(stack, request).catch(() => 0), { timeout: 20_000 }).toBe(200);
    await stack.stop();
  });

  test("takes in telemetry with several processes on one port, and refuses one that is taken", async ({
    request,
  }) => {
    const several = { VIASCOPE_INGEST_PROCESSES: "2" };
    const stack = await startStack({ VIASCOPE_DATA_DIR: dataDir, ...several });
    const names = childrenOf(stack.processId).map((id) => commandOf(id).split(" ").at(-1));
    expect(names.filter((name) => name === "ingest")).toHaveLength(2);
    expect(await send(stack, request)).toBe(200);
    const port = new URL(stack.ingestUrl).port;
    const second = await startStack({ ...several, VIASCOPE_OTLP_HTTP_PORT: port }).catch(String);
    expect(second).toContain("is taken by another program");
    await stack.stop();
  });

  test("leaves no process when its supervisor is killed", async () => {
    const stack = await startStack({ VIASCOPE_DATA_DIR: dataDir });
    const group = childrenOf(stack.processId);
    expect(group.length).toBeGreaterThan(3);
    process.kill(stack.processId, "SIGKILL");
    await expect.poll(() => group.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    await stack.stop();
  });
});

type Request = Parameters<Parameters<typeof test>[2]>[0]["request"];

async function send({ ingestUrl }: Stack, request: Request): Promise<number> {
  const seconds = (Date.now() / 1_000).toFixed(3);
  const line = JSON.stringify({ msec: seconds, request: "GET /m/@v/list HTTP/1.1", status: "200" });
  const answer = await request.post(`${ingestUrl}/ingest/access-logs?format=nginx&proxy=edge`, {
    data: `${line}\n`,
    headers: { "content-type": "text/plain" },
  });
  return answer.status();
}

async function requestsOf({ webUrl }: Stack, request: Request): Promise<number> {
  const answer = await request.get(`${webUrl}/api/v1/proxies?from=now-1h&to=now`);
  const { items } = proxiesAnswer.parse(await answer.json());
  return items[0]?.requests ?? 0;
}

function roleOf(stack: Stack, role: string): number {
  const found = childrenOf(stack.processId).find((id) => commandOf(id).endsWith(` ${role}`));
  if (found === undefined) throw new Error(`there is no process ${role}`);
  return found;
}

function childrenOf(processId: number): number[] {
  return ps(["-o", "pid=", "--ppid", String(processId)]).map(Number);
}

function commandOf(processId: number): string {
  return ps(["-o", "args=", "-p", String(processId)])[0] ?? "";
}

function ps(args: string[]): string[] {
  const { stdout } = spawnSync("ps", args, { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function isAlive(processId: number): boolean {
  return commandOf(processId) !== "" && !commandOf(processId).includes("<defunct>");
}
