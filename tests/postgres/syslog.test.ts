import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { readSettings } from "#lib/config/settings.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { querySenders } from "#lib/query/senders.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { runIngestRole } from "#lib/run/ingest-role.ts";
import type { RunningRole } from "#lib/run/role.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const begunMs = Date.now();
const nginx = firstOf(["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"]);
const haproxy = firstOf(["/usr/sbin/haproxy", "/usr/bin/haproxy", "/opt/homebrew/bin/haproxy"]);
let test: TestDatabase;
let ingest: RunningRole;
let origin: Server;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  test = await testDatabase();
  const ports = ["OTLP_HTTP", "OTLP_GRPC", "SYSLOG"].map((name) => [`VIASCOPE_${name}_PORT`, "0"]);
  const settings = readSettings(Object.fromEntries(ports));
  ingest = await runIngestRole({ ...settings, databaseUrl: test.url });
  origin = createServer((request, response) => {
    response.writeHead(request.url === "/missing" ? 404 : 200);
    response.end("ok");
  });
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
});
afterAll(async () => {
  origin.close();
  await ingest.stop();
  await test.drop();
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const syslogPort = () => ingest.ports["VIASCOPE_SYSLOG_PORT"] ?? 0;

function firstOf(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path)) ?? null;
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address !== "object" || address === null || !("port" in address)) return 0;
  return Number(address.port);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

/** Runs a proxy with a configuration in a folder of its own until the test ends. */
async function run(
  binary: string,
  wordsOf: (file: string, folder: string) => string[],
  text: (folder: string) => string,
) {
  const folder = await mkdtemp(join(tmpdir(), "viascope-syslog-"));
  const file = join(folder, "proxy.conf");
  await writeFile(file, text(folder));
  const child = spawn(binary, wordsOf(file, folder), { stdio: "ignore" });
  ends.push(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true });
  });
}

async function until(url: string): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(url)).ok).toBe(true), { timeout: 10_000 });
}

async function proxyOf(name: string) {
  const window = { fromMs: begunMs - 60_000, toMs: Date.now() + 60_000 };
  const proxies = await queryProxies(test.database, { project, window });
  return proxies.find(({ proxy }) => proxy === name);
}

describe("over syslog", () => {
  it.skipIf(nginx === null)(
    "a real nginx's access log arrives whole, under the tag as its proxy",
    async () => {
      const port = await freePort();
      await run(
        nginx ?? "",
        (file, folder) => ["-p", folder, "-c", file, "-e", join(folder, "error.log")],
        (folder) => `daemon off; master_process off; pid ${folder}/pid;
events {}
http {
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time ua="$upstream_addr" us="$upstream_status" urt="$upstream_response_time"';
  access_log syslog:server=127.0.0.1:${syslogPort()},tag=edge_nginx timed;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${portOf(origin)}; } }
}`,
      );
      await until(`http://127.0.0.1:${port}/up`);
      const paths = Array.from({ length: 200 }, (_, at) =>
        at % 10 === 0 ? "/missing" : `/a/${at}`,
      );
      for (const path of paths) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
      await vi.waitFor(
        async () => expect((await proxyOf("edge_nginx"))?.requests).toBeGreaterThanOrEqual(201),
        { timeout: 10_000 },
      );
      expect(await proxyOf("edge_nginx")).toMatchObject({ requests: 201, notFound: 20 });
    },
  );

  it.skipIf(haproxy === null)(
    "a real HAProxy's traffic arrives whole, with its servers",
    async () => {
      const port = await freePort();
      await run(
        haproxy ?? "",
        (file) => ["-db", "-f", file],
        () => `global
  log 127.0.0.1:${syslogPort()} local0
  log-tag edge_haproxy
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${portOf(origin)}
`,
      );
      await until(`http://127.0.0.1:${port}/up`);
      for (let at = 0; at < 100; at += 1)
        await (await fetch(`http://127.0.0.1:${port}/b/${at}`)).text();
      await vi.waitFor(
        async () => expect((await proxyOf("edge_haproxy"))?.requests).toBeGreaterThanOrEqual(101),
        { timeout: 10_000 },
      );
      expect((await proxyOf("edge_haproxy"))?.requests).toBe(101);
      const window = { fromMs: begunMs - 60_000, toMs: Date.now() + 60_000 };
      const upstreams = await queryUpstreams(test.database, { project, window });
      expect(upstreams.filter(({ proxy }) => proxy === "edge_haproxy")).toMatchObject([
        { attempts: 101 },
      ]);
    },
  );

  it("lines of many hosts arrive over one TCP connection, the same line as often as it was sent", async () => {
    const socket = connect(syslogPort(), "127.0.0.1");
    await once(socket, "connect");
    const time = new Date().toISOString();
    const line = `- - - [${clfTime()}] "GET /same HTTP/1.1" 200 5 "-" "curl/8"`;
    const messages = Array.from({ length: 3_000 }, (_, at) => {
      const message = `<134>1 ${time} host-${at % 3} tcp-proxy 7 - - ${line}`;
      return at % 2 === 0 ? `${message}\n` : `${Buffer.byteLength(message)} ${message}`;
    });
    socket.end(messages.join(""));
    await once(socket, "close");
    await vi.waitFor(
      async () => expect((await proxyOf("tcp-proxy"))?.requests).toBe(messages.length),
      { timeout: 10_000 },
    );
  });

  it("who sends plain lines is a sender too, with its address", async () => {
    const socket = createSocket("udp4");
    ends.push(async () => void socket.close());
    const message = `<131>1 ${new Date().toISOString()} udp-host udp-words 7 - - nothing that is a request`;
    socket.send(message, syslogPort(), "127.0.0.1");
    await vi.waitFor(
      async () => {
        const { items } = await querySenders(test.database, project, Date.now(), 100);
        expect(items).toContainEqual(
          expect.objectContaining({
            proxy: "udp-words",
            instance: "udp-host",
            address: "127.0.0.1",
            token: null,
          }),
        );
      },
      { timeout: 20_000, interval: 250 },
    );
  });
});

function clfTime(): string {
  const [, day, month, year, clock] =
    /(\d\d) (\w{3}) (\d{4}) (\S+)/.exec(new Date().toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
