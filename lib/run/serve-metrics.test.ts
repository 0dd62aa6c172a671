import { afterEach, describe, expect, it } from "vitest";

import { serveMetrics } from "./serve-metrics.ts";

describe("a role without a listener of its own", () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((server) => server.close()));
  });

  async function serve(ready: () => Promise<boolean>): Promise<string> {
    const server = await serveMetrics({ host: "127.0.0.1", port: 0, variable: "NONE" }, { ready });
    opened.push(server);
    return `http://127.0.0.1:${server.port}`;
  }

  it.each([
    ["ready", () => Promise.resolve(true), 200],
    ["not ready", () => Promise.resolve(false), 503],
    ["without a database", () => Promise.reject(new Error("down")), 503],
  ] as const)("is live and, %s, answers /api/ready with %s", async (_name, ready, status) => {
    const url = await serve(ready);
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    expect((await fetch(`${url}/api/ready`)).status).toBe(status);
  });

  it("shows metrics as Prometheus text and nothing else", async () => {
    const url = await serve(() => Promise.resolve(true));
    const answer = await fetch(`${url}/metrics?x=1`);
    expect(answer.headers.get("content-type")).toContain("version=0.0.4");
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it("names the variable to change when its port is taken", async () => {
    const url = await serve(() => Promise.resolve(true));
    const taken = {
      host: "127.0.0.1",
      port: Number(new URL(url).port),
      variable: "VIASCOPE_WORKER_PORT",
    };
    await expect(serveMetrics(taken, { ready: () => Promise.resolve(true) })).rejects.toThrow(
      /is taken by another program: .*VIASCOPE_WORKER_PORT/,
    );
  });
});
