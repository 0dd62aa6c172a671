import { spawn } from "node:child_process";
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { isInstalled, openStand, type Stand } from "./stand.ts";

const lines = 30;

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
});
