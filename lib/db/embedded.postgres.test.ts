import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startEmbeddedPostgres, urlOfRunning, type EmbeddedPostgres } from "./embedded.ts";

describe("the embedded Postgres", () => {
  let folder: string;
  let running: EmbeddedPostgres[];

  beforeEach(() => {
    folder = join(tmpdir(), `viascope-embedded-${randomUUID().slice(0, 13)}`);
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  async function start(at = folder): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ folder: at });
    running.push(server);
    return server;
  }

  it("keeps what was committed over a stop and over a kill", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept (n int)");
    await query(first.url, "INSERT INTO kept VALUES (1)");
    await first.stop();
    const second = await start();
    await query(second.url, "INSERT INTO kept VALUES (2)");
    process.kill(second.processId, "SIGKILL");
    await second.ended;
    const third = await start();
    expect(await query(third.url, "SELECT sum(n)::int AS value FROM kept")).toEqual([{ value: 3 }]);
  });

  it("is durable: it never trades a power cut for speed", async () => {
    const { url } = await start();
    for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
      expect(await query(url, `SHOW ${setting}`)).toEqual([{ [setting]: "on" }]);
    }
  });

  it("listens on no network address", async () => {
    const { url } = await start();
    expect(await query(url, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
  });

  it("refuses a folder that another one runs on, and leaves that one alone", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(
      /Another Viascope is already running on .*VIASCOPE_DATA_DIR/,
    );
    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await urlOfRunning(folder)).toBe(first.url);
  });

  it("starts although the note of a dead server now names a living program", async () => {
    const first = await start();
    await first.stop();
    const note = join(folder, "postmaster.pid");
    await writeFile(note, `${process.pid}\n${folder}\n0\n5432\n${folder}\n\n0 0\nready   \n`);
    const second = await start();
    expect((await readFile(note, "utf8")).split("\n")[0]).toBe(String(second.processId));
  });

  it("refuses a cluster of another major version", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "PG_VERSION"), "16\n");
    await expect(start()).rejects.toThrow(/was written by Postgres 16, and this Viascope brings/);
  });

  it("finds room for its socket however long the path is", async () => {
    const server = await start(join(folder, "a".repeat(60), "b".repeat(60)));
    expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("ends, and takes a throw-away folder with it, when the process that started it is killed", async () => {
    const embedded = join(import.meta.dirname, "embedded.ts");
    const source = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(embedded)});
      const server = await startEmbeddedPostgres({ folder: process.argv[1], throwAway: true });
      console.log(server.processId);
      process.kill(process.pid, "SIGKILL");
    `;
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", source, folder]);
    const server = Number(child.stdout.toString());
    expect(server).toBeGreaterThan(0);
    await expect.poll(() => isAlive(server), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
  });
});

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
