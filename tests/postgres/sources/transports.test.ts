import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { metricSeriesParams } from "#lib/contract/metrics.ts";
import { queryMetricSeries } from "#lib/query/metric-series.ts";

import { beside, isInstalled } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";

const lines = 30;
const rsyslogd = "/usr/sbin/rsyslogd";

function accessLog(): string {
  const [, day, month, year, clock] =
    /(\d\d) (\w{3}) (\d{4}) (\S+)/.exec(new Date().toUTCString()) ?? [];
  const line = (path: number) =>
    `127.0.0.1 - - [${day}/${month}/${year}:${clock} +0000] "GET /${path} HTTP/1.1" 200 5 "-" "curl/8"\n`;
  return Array.from({ length: lines }, (_, path) => line(path)).join("");
}

describe("a transport set up as documented", () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand();
    await stand.write("access.log", accessLog());
  });
  afterAll(() => stand.stop());

  async function stored(proxy: string, awaited: number): Promise<number> {
    return (await stand.exchanges(proxy, awaited)).length;
  }

  /** Runs a snippet to its end, beside the access log. */
  async function shell(name: string): Promise<void> {
    const words = ["-c", stand.snippet(name)];
    const child = spawn("sh", words, { cwd: stand.folder, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`${code}: ${errors}`);
  }

  it.skipIf(!isInstalled("curl"))("curl stores a whole log", async () => {
    const before = await stored("edge", 0);
    await shell("curl");
    expect(await stored("edge", before + lines)).toBe(before + lines);
  });

  it("tail stores a whole log", async () => {
    const before = await stored("edge", 0);
    await stand.tailing("tail", async () => {
      expect(await stored("edge", before + lines)).toBe(before + lines);
    });
  });

  it.skipIf(!isInstalled("logger"))("logger stores what it is given", async () => {
    await shell("logger");
    expect(await stored("edge_logger", 20)).toBe(20);
  });

  it.skipIf(!isInstalled("curl"))("a push to Loki's address is stored", async () => {
    await shell("loki");
    expect(await stored("edge_loki", 1)).toBe(1);
  });

  it.skipIf(!isInstalled("curl"))("a point sent to the address of metrics is stored", async () => {
    await shell("metrics-curl");
    const nowMs = Date.now();
    const found = await queryMetricSeries(
      stand.test.database,
      { project: 1, window: { fromMs: nowMs - 600_000, toMs: nowMs + 60_000 } },
      metricSeriesParams.parse({ name: "cache.entries", filter: ["proxy=my-go-proxy"] }),
    );
    const values = found?.series.flatMap(({ points }) => points.map(([, value]) => value));
    expect(values?.filter((value) => value !== null)).toEqual([1042]);
  });

  it.skipIf(!isInstalled(rsyslogd))(
    `rsyslog stores a whole file, where ${rsyslogd} is installed`,
    async () => {
      const { folder } = stand;
      const home = `global(workDirectory="${folder}")\n`;
      const file = await stand.write("rsyslog.conf", home + stand.snippet("rsyslog"));
      const words = ["-n", "-f", file, "-i", `${folder}/rsyslog.pid`];
      await beside({ program: rsyslogd, words, folder }, async () => {
        expect(await stored("edge_rsyslog", lines)).toBe(lines);
      });
    },
  );

  it("tail takes docker's lines", async () => {
    const time = new Date().toISOString();
    const record = (line: string) => JSON.stringify({ log: `${line}\n`, stream: "stdout", time });
    await mkdir(`${stand.folder}/4f1c`);
    const wrapped = accessLog().trimEnd().split("\n").map(record);
    await stand.write("4f1c/4f1c-json.log", `${wrapped.join("\n")}\n`);
    await stand.tailing("docker", async () => {
      expect(await stored("edge_docker", lines)).toBe(lines);
    });
  });

  it("tail takes the lines of CRI, also those that are cut", async () => {
    const time = new Date().toISOString();
    const cut = (line: string) =>
      `${time} stdout P ${line.slice(0, 40)}\n${time} stdout F ${line.slice(40)}\n`;
    await mkdir(`${stand.folder}/default_edge-7f_1/nginx`, { recursive: true });
    await stand.write(
      "default_edge-7f_1/nginx/0.log",
      accessLog().trimEnd().split("\n").map(cut).join(""),
    );
    await stand.tailing("kubernetes", async () => {
      expect(await stored("edge_pods", lines)).toBe(lines);
    });
  });
});
