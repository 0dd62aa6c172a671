import { mkdir } from "node:fs/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { readSettings } from "#lib/config/settings.ts";
import { metricSeriesParams } from "#lib/contract/metrics.ts";
import { queryMetricSeries } from "#lib/query/metric-series.ts";
import { Scraper } from "#lib/run/scrape.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { ask } from "./client.ts";
import { documentedSnippet } from "./documented.ts";
import { freePort } from "./origin.ts";
import { beside, isInstalled } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";

const nginx = "/usr/sbin/nginx";
const exporter = "prometheus-nginx-exporter";
let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());

it("the documented setting names the pages to read", () => {
  const value = /VIASCOPE_SCRAPE='([^']+)'/.exec(documentedSnippet("scrape"))?.[1];
  expect(readSettings({ VIASCOPE_SCRAPE: value }).scrape.targets).toEqual([
    { name: "athens", url: "http://127.0.0.1:3001/metrics" },
    { name: "edge", url: "http://127.0.0.1:8404/metrics" },
  ]);
});

it.skipIf(!isInstalled(nginx) || !isInstalled(exporter))(
  `nginx beside its exporter counts what it answered, where ${nginx} and ${exporter} are installed`,
  async () => {
    const { folder } = stand;
    const [status, shown] = [await freePort(), await freePort()];
    const snippet = (name: string): string =>
      documentedSnippet(name)
        .replaceAll("127.0.0.1:8081", `127.0.0.1:${status}`)
        .replaceAll("127.0.0.1:9113", `127.0.0.1:${shown}`);
    const home = `${folder}/status`;
    await mkdir(home);
    const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const temporary = kinds.map((kind) => `${kind}_temp_path ${home}/${kind};`).join(" ");
    const file = await stand.write(
      "status.conf",
      `daemon off; master_process off; pid ${home}/nginx.pid; events {}
http { ${temporary} ${snippet("nginx-status")} }`,
    );
    const server = {
      program: nginx,
      words: ["-p", home, "-c", file, "-e", `${home}/error.log`],
      folder,
      port: status,
    };
    const shell = { program: "sh", words: ["-c", `exec ${snippet("nginx-exporter")}`] };
    const scraper = new Scraper(stand.test.database, {
      project: 1,
      targets: [{ name: "edge", url: `http://127.0.0.1:${shown}/metrics` }],
      everySeconds: 15,
      seriesMax: 1_000,
      retentionMs: 86_400_000,
      metrics: createMetrics(),
    });
    const baseMs = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
    const scrapeAt = async (atMs: number): Promise<void> => {
      await scraper.run(atMs);
      await scraper.settle();
    };
    await beside(server, () =>
      beside({ ...shell, folder, port: shown }, async () => {
        await scrapeAt(baseMs);
        for (let count = 0; count < 12; count += 1) await ask(status, "/");
        await scrapeAt(baseMs + 15_000);
      }),
    );
    const found = await queryMetricSeries(
      stand.test.database,
      { project: 1, window: { fromMs: baseMs - 1_000, toMs: baseMs + 60_000 } },
      metricSeriesParams.parse({
        name: "nginx_http_requests_total",
        reading: "increase",
        filter: ["proxy=edge"],
        step: 60,
      }),
    );
    const values = found?.series.flatMap(({ points }) => points.map(([, value]) => value ?? 0));
    // The exporter's own look at the page is a request too.
    expect(values?.reduce((sum, value) => sum + value, 0)).toBe(13);
  },
);
