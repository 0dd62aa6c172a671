import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { metricSeriesParams } from "#lib/contract/metrics.ts";
import { queryMetricMeasures } from "#lib/query/metric-measures.ts";
import { queryMetricSeries } from "#lib/query/metric-series.ts";
import { queryScrapeTargets } from "#lib/query/scrape-targets.ts";
import { Scraper } from "#lib/run/scrape.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const haproxy = "/usr/sbin/haproxy";
const dayMs = 86_400_000;
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function scraperOf(targets: readonly { name: string; url: string }[], everySeconds = 15): Scraper {
  return new Scraper(test.database, {
    project,
    targets,
    everySeconds,
    seriesMax: 5_000,
    retentionMs: 14 * dayMs,
    metrics: createMetrics(),
  });
}

async function scrapeAt(scraper: Scraper, nowMs: number): Promise<void> {
  await scraper.run(nowMs);
  await scraper.settle();
}

const base = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
const scope = { project, window: { fromMs: base - 1_000, toMs: base + 300_000 } };

it("two workers scrape a page once, when it is due", async () => {
  let asked = 0;
  const port = await serve((_, response) => {
    asked += 1;
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end("# TYPE jobs gauge\njobs 3\n");
  });
  const targets = [{ name: "shared", url: `http://127.0.0.1:${port}/metrics` }];
  const workers = [scraperOf(targets), scraperOf(targets)];
  for (const atMs of [base, base + 1_000, base + 14_000, base + 15_000]) {
    await Promise.all(workers.map((worker) => scrapeAt(worker, atMs)));
  }
  expect(asked).toBe(2);
  const [target] = await queryScrapeTargets(test.database, project);
  expect(target).toMatchObject({ name: "shared", up: true, samples: 1, refused: 0, problem: null });
  const up = await queryMetricSeries(
    test.database,
    scope,
    metricSeriesParams.parse({ name: "up", filter: ["proxy=shared"] }),
  );
  expect(up?.series[0]?.points.find(([, value]) => value !== null)?.[1]).toBe(1);
});

it.each<[string, RequestListener, RegExp]>([
  ["is no page of metrics", (_, response) => response.end("<html>hello</html>"), /no samples/],
  [
    "answers with an error",
    (_, response) => {
      response.statusCode = 500;
      response.end("x 1\n");
    },
    /status 500/,
  ],
  [
    "leads elsewhere",
    (_, response) => {
      response.writeHead(302, { location: "http://169.254.169.254/" });
      response.end();
    },
    /status 302/,
  ],
  ["does not answer", () => {}, /did not come within 1000 ms/],
])(
  "a page that %s is down, with the reason, and nothing of it is stored",
  async (_, listener, why) => {
    const port = await serve(listener);
    const scraper = scraperOf([{ name: "bad", url: `http://u:secret@127.0.0.1:${port}/m` }], 1);
    await scrapeAt(scraper, base + 60_000);
    const [target] = await queryScrapeTargets(test.database, project);
    expect(target).toMatchObject({ name: "bad", up: false, problem: expect.stringMatching(why) });
    expect(JSON.stringify(target)).not.toContain("secret");
  },
);

describe.skipIf(!existsSync(haproxy))(
  "HAProxy's own exporter (skipped where haproxy is missing)",
  () => {
    it("tells what its clients really got, through a reload of its counters too", async () => {
      const origin = await serve((request, response) => {
        response.statusCode = Number(request.url?.slice(1));
        response.end("x");
      });
      const [front, stats] = await Promise.all([freePort(), freePort()]);
      const folder = await mkdtemp(join(tmpdir(), "viascope-haproxy-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      await writeFile(join(folder, "haproxy.cfg"), configOf(front, stats, origin));
      const scraper = scraperOf([
        { name: "edge-haproxy", url: `http://127.0.0.1:${stats}/metrics` },
      ]);
      const send = async (status: number, times: number): Promise<void> => {
        for (let count = 0; count < times; count += 1) {
          const answer = await fetch(`http://127.0.0.1:${front}/${status}`);
          await answer.text();
          expect(answer.status).toBe(status);
        }
      };

      let stop = await startHaproxy(folder, stats);
      await send(200, 3);
      await scrapeAt(scraper, base);
      await send(200, 17);
      await send(404, 5);
      await send(503, 4);
      await scrapeAt(scraper, base + 15_000);
      await stop();
      // Its counters begin anew.
      stop = await startHaproxy(folder, stats);
      onTestFinished(stop);
      await send(500, 2);
      await send(200, 1);
      await scrapeAt(scraper, base + 30_000);

      const items = await queryMetricMeasures(test.database, scope);
      const pool = items.find(({ upstream }) => upstream === "pool");
      expect(pool).toMatchObject({
        proxy: "edge-haproxy",
        requests: 17 + 5 + 4 + 2 + 1,
        errors: 6,
        errorRate: 6 / 29,
        metrics: ["haproxy_backend_http_responses_total"],
      });
      const rate = await queryMetricSeries(
        test.database,
        scope,
        metricSeriesParams.parse({
          name: "haproxy_backend_http_responses_total",
          reading: "increase",
          groupBy: "code",
          filter: ["exported_proxy=pool", "proxy=edge-haproxy"],
          step: 60,
        }),
      );
      const counted = Object.fromEntries(
        (rate?.series ?? []).map(({ labels, points }) => [
          labels["code"],
          points.reduce((sum, [, value]) => sum + (value ?? 0), 0),
        ]),
      );
      expect(counted).toMatchObject({ "2xx": 18, "4xx": 5, "5xx": 6 });
    }, 30_000);
  },
);

function configOf(front: number, stats: number, origin: number): string {
  return `
global
  log stdout format raw local0 err
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${front}
  default_backend pool
frontend stats
  bind 127.0.0.1:${stats}
  http-request use-service prometheus-exporter if { path /metrics }
backend pool
  server one 127.0.0.1:${origin}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startHaproxy(folder: string, stats: number): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(haproxy, ["-db", "-f", join(folder, "haproxy.cfg")], {
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${stats}/metrics`).catch(() => null);
    if (answer?.status === 200) {
      await answer.text();
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return async () => {
    child.kill("SIGKILL");
    await ended;
  };
}
