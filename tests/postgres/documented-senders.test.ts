import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readSettings } from "#lib/config/settings.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { runIngestRole } from "#lib/run/ingest-role.ts";
import type { RunningRole } from "#lib/run/role.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const checkout = join(import.meta.dirname, "../..");
const documented = readFileSync(join(checkout, "docs/sending.md"), "utf8");
const lines = 30;
let test: TestDatabase;
let ingest: RunningRole;
let folder: string;

beforeAll(async () => {
  test = await testDatabase();
  const ports = ["OTLP_HTTP", "OTLP_GRPC", "SYSLOG"].map((name) => [`VIASCOPE_${name}_PORT`, "0"]);
  ingest = await runIngestRole({
    ...readSettings(Object.fromEntries(ports)),
    databaseUrl: test.url,
  });
  folder = await mkdtemp(join(tmpdir(), "viascope-senders-"));
  await writeFile(join(folder, "access.log"), accessLog());
});
afterAll(async () => {
  await ingest.stop();
  await rm(folder, { recursive: true });
  await test.drop();
});

/** The snippet under a name, with the ports and the folder of this test. */
function snippet(name: string): string {
  const found = new RegExp(`\`\`\`\\w+ ${name}\\n([^]*?)\`\`\``).exec(documented)?.[1];
  if (found === undefined) throw new Error(`docs/sending.md has no snippet ${name}`);
  return found
    .replaceAll("127.0.0.1:4318", `127.0.0.1:${ingest.ports["VIASCOPE_OTLP_HTTP_PORT"]}`)
    .replaceAll("127.0.0.1:5514", `127.0.0.1:${ingest.ports["VIASCOPE_SYSLOG_PORT"]}`)
    .replaceAll("--port 5514", `--port ${ingest.ports["VIASCOPE_SYSLOG_PORT"]}`)
    .replaceAll("/var/log/nginx", folder);
}

function accessLog(): string {
  const [, day, month, year, clock] =
    /(\d\d) (\w{3}) (\d{4}) (\S+)/.exec(new Date().toUTCString()) ?? [];
  const line = (path: number) =>
    `127.0.0.1 - - [${day}/${month}/${year}:${clock} +0000] "GET /${path} HTTP/1.1" 200 5 "-" "curl/8"\n`;
  return Array.from({ length: lines }, (_, path) => line(path)).join("");
}

/** How many requests a proxy has, when there are as many as awaited or too much time went by. */
async function requestsOf(name: string, awaited: number): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const window = { fromMs: Date.now() - 3_600_000, toMs: Date.now() + 60_000 };
    const proxies = await queryProxies(test.database, { project: 1, window });
    const requests = proxies.find(({ proxy }) => proxy === name)?.requests ?? 0;
    if (requests >= awaited || tries > 100) return requests;
    await sleep(100);
  }
}

/** Runs a shell snippet to its end, beside the access log. */
async function shell(text: string): Promise<void> {
  const child = spawn("sh", ["-c", text], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${code}: ${errors}`);
}

function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** Runs a program until `use` is done. */
async function beside(program: string, words: readonly string[], use: () => Promise<void>) {
  const child = spawn(program, words, { stdio: "ignore", cwd: folder });
  try {
    await use();
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function get(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  throw new Error(`${url} does not answer`);
}

describe("a sender set up as documented", () => {
  it.skipIf(!isInstalled("curl"))("curl stores a whole log", async () => {
    const before = await requestsOf("edge", 0);
    await shell(snippet("curl"));
    expect(await requestsOf("edge", before + lines)).toBe(before + lines);
  });

  it("tail stores a whole log", async () => {
    const before = await requestsOf("edge", 0);
    const command = snippet("tail").replace(
      "npm run -s tail --",
      `exec ${process.execPath} ${join(checkout, "bin/viascope.ts")} tail --checkpoint ${folder}/tail.json`,
    );
    expect(command).not.toContain("npm run");
    await beside("sh", ["-c", command], async () => {
      expect(await requestsOf("edge", before + lines)).toBe(before + lines);
    });
  });

  it.skipIf(!isInstalled("logger"))("logger stores what it is given", async () => {
    await shell(snippet("logger"));
    expect(await requestsOf("edge_logger", 20)).toBe(20);
  });

  it.skipIf(!isInstalled("curl"))("a push to Loki's address is stored", async () => {
    await shell(snippet("loki"));
    expect(await requestsOf("edge_loki", 1)).toBe(1);
  });

  it.skipIf(!existsSync("/usr/sbin/nginx"))("nginx stores its requests", async () => {
    const port = await freePort();
    const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const file = join(folder, "nginx.conf");
    const conf = `daemon off; master_process off; pid ${folder}/nginx.pid; events {}
http { ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  server { listen 127.0.0.1:${port}; ${snippet("nginx")} location / { return 200; } } }`;
    await writeFile(file, conf);
    const words = ["-p", folder, "-c", file, "-e", `${folder}/error.log`];
    await beside("/usr/sbin/nginx", words, async () => {
      await get(`http://127.0.0.1:${port}/`);
      for (let at = 0; at < 9; at += 1) await get(`http://127.0.0.1:${port}/${at}`);
      expect(await requestsOf("edge_nginx", 10)).toBe(10);
    });
  });

  it.skipIf(!existsSync("/usr/sbin/haproxy"))("HAProxy stores its requests", async () => {
    const port = await freePort();
    const file = join(folder, "haproxy.cfg");
    const rest = `  timeout connect 1s\n  timeout client 9s\n  timeout server 9s
frontend front\n  bind 127.0.0.1:${port}\n  http-request return status 200\n`;
    await writeFile(file, `${snippet("haproxy")}${rest}`);
    await beside("/usr/sbin/haproxy", ["-db", "-f", file], async () => {
      await get(`http://127.0.0.1:${port}/`);
      for (let at = 0; at < 9; at += 1) await get(`http://127.0.0.1:${port}/${at}`);
      expect(await requestsOf("edge_haproxy", 10)).toBe(10);
    });
  });
});
