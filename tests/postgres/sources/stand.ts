import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readSettings } from "#lib/config/settings.ts";
import type { ExchangeItem } from "#lib/contract/exchanges.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import type { Scope } from "#lib/query/scope.ts";
import { queryTls } from "#lib/query/tls.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { runIngestRole } from "#lib/run/ingest-role.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";

import { testDatabase, type TestDatabase } from "../harness.ts";
import { documentedSnippet } from "./documented.ts";
import { freePort, startOrigin } from "./origin.ts";

const checkout = join(import.meta.dirname, "../../..");

/** Asked until a program is seen to log, and then forgotten. */
export const warmUpPath = "/warm-up";

/** A Viascope that takes in telemetry, and a folder for the programs that send to it. */
export interface Stand {
  readonly folder: string;
  readonly test: TestDatabase;
  /** What stands behind the proxies: an origin in the clear, one over TLS with `cert`, and a port where nobody listens. */
  readonly origins: { readonly port: number; readonly tlsPort: number; readonly deadPort: number };
  /** A certificate that no authority signed. */
  readonly cert: Certificate;
  readonly ingestPorts: Readonly<Record<string, number>>;
  /** The documented snippet, with the ports and the folder of this test in the place of the documented ones. */
  snippet(name: string): string;
  /** Writes a file into the folder; gives its path. */
  write(name: string, text: string): Promise<string>;
  /** What is stored of a proxy, in the order of its paths, when it is as much as awaited. */
  exchanges(proxy: string, awaited: number): Promise<ExchangeItem[]>;
  /** What is counted of a proxy and of its upstreams; lines that belong to one request may have come apart. */
  counts(proxy: string): Promise<Counted>;
  /** Handshakes of a proxy that failed, as `side reason`. */
  tlsFailures(proxy: string, awaited: number): Promise<string[]>;
  /** Sends a file of the folder, as the query says, when it has all its lines; every one must be taken. */
  post(query: string, name: string, lines: number): Promise<void>;
  /** Follows files as documented under a name, until `use` is done. */
  tailing(name: string, use: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

function scope(): Scope {
  const nowMs = Date.now();
  return { project: 1, window: { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 } };
}

interface Counted {
  readonly requests: number;
  readonly errors: number;
  readonly notFound: number;
  /** Cache outcome → requests, without those of which there were none. */
  readonly cache: Readonly<Record<string, number>>;
  /** Upstream → attempts, and those of them that failed. */
  readonly upstreams: Readonly<Record<string, readonly [attempts: number, errors: number]>>;
}

/** Starts all that a documented sender needs. */
export async function openStand(): Promise<Stand> {
  const test = await testDatabase();
  const ports = ["OTLP_HTTP", "OTLP_GRPC", "SYSLOG"].map((name) => [`VIASCOPE_${name}_PORT`, "0"]);
  const settings = { ...readSettings(Object.fromEntries(ports)), databaseUrl: test.url };
  const ingest = await runIngestRole(settings);
  const folder = await mkdtemp(join(tmpdir(), "viascope-source-"));
  // Proxies that are started by root write as somebody else.
  await chmod(folder, 0o777);
  const cert = selfSigned(folder);
  const [origin, tlsOrigin, deadPort] = await Promise.all([
    startOrigin(),
    startOrigin(cert),
    freePort(),
  ]);
  const here: readonly (readonly [string, string])[] = [
    ["127.0.0.1:4318", `127.0.0.1:${ingest.ports["VIASCOPE_OTLP_HTTP_PORT"]}`],
    ["127.0.0.1:4317", `127.0.0.1:${ingest.ports["VIASCOPE_OTLP_GRPC_PORT"]}`],
    ["127.0.0.1:5514", `127.0.0.1:${ingest.ports["VIASCOPE_SYSLOG_PORT"]}`],
    ['port="5514"', `port="${ingest.ports["VIASCOPE_SYSLOG_PORT"]}"`],
    ["--port 5514", `--port ${ingest.ports["VIASCOPE_SYSLOG_PORT"]}`],
  ];
  const snippet = (name: string): string =>
    here
      .reduce(
        (text, [documented, used]) => text.replaceAll(documented, used),
        documentedSnippet(name),
      )
      .replaceAll(/\/var\/(?:log\/\w+|lib\/docker\/containers)\//g, `${folder}/`);
  return {
    folder,
    test,
    origins: { port: origin.port, tlsPort: tlsOrigin.port, deadPort },
    cert,
    ingestPorts: ingest.ports,
    snippet,
    async write(name, text) {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    },
    exchanges: (proxy, awaited) =>
      untilAsMany(awaited, async () => {
        const params = { proxy, order: "newest", limit: 200 } as const;
        const items = await readExchanges(test.database, scope(), params);
        return items
          .filter(({ path }) => path !== warmUpPath)
          .toSorted((a, b) => placeOf(a).localeCompare(placeOf(b), "en"));
      }),
    async counts(proxy) {
      const [proxies, upstreams] = await Promise.all([
        queryProxies(test.database, scope()),
        queryUpstreams(test.database, scope()),
      ]);
      const own = proxies.find((summary) => summary.proxy === proxy);
      if (own === undefined) throw new Error(`Nothing is counted of ${proxy}.`);
      const { requests, errors, notFound, cache } = own;
      return {
        requests,
        errors,
        notFound,
        cache: Object.fromEntries(Object.entries(cache ?? {}).filter(([, count]) => count > 0)),
        upstreams: Object.fromEntries(
          upstreams
            .filter((summary) => summary.proxy === proxy)
            .map(({ upstream, attempts, errors: failed }) => [upstream, [attempts, failed]]),
        ),
      };
    },
    tlsFailures: (proxy, awaited) =>
      untilAsMany(awaited, async () => {
        const found = await queryTls(test.database, scope());
        return found
          .filter((failure) => failure.proxy === proxy)
          .flatMap(({ side, reason, count }) =>
            Array.from({ length: count }, () => `${side} ${reason}`),
          )
          .toSorted();
      }),
    async post(query, name, lines) {
      const file = join(folder, name);
      await until(
        "wrote its log",
        async () => (await readFile(file, "utf8")).split("\n").length > lines,
      );
      const url = `http://127.0.0.1:${ingest.ports["VIASCOPE_OTLP_HTTP_PORT"]}/ingest/access-logs?${query}`;
      const answer = await fetch(url, { method: "POST", body: await readFile(file) });
      const told = await answer.text();
      if (!answer.ok || !told.includes('"rejected":0')) throw new Error(`${name}: ${told}`);
    },
    async tailing(name, use) {
      const command = snippet(name).replaceAll(
        "npm run -s tail --",
        `exec ${process.execPath} ${join(checkout, "bin/viascope.ts")} tail --checkpoint ${folder}/${name}.json`,
      );
      if (command.includes("npm run")) throw new Error(`The snippet ${name} runs something else.`);
      await beside({ program: "sh", words: ["-c", command], folder }, use);
    },
    async stop() {
      await Promise.all([origin.stop(), tlsOrigin.stop(), ingest.stop()]);
      await rm(folder, { recursive: true });
      await test.drop();
    },
  };
}

/** By path, then by time; what is no request comes last. */
function placeOf({ path, time }: ExchangeItem): string {
  return `${path ?? "~"} ${time}`;
}

/** What was found when it is as much as awaited, or too much time went by; a little later, lest more comes. */
async function untilAsMany<T>(awaited: number, find: () => Promise<T[]>): Promise<T[]> {
  for (let tries = 0; ; tries += 1) {
    const found = await find();
    if (found.length > awaited || tries > 150) return found;
    if (found.length === awaited) return sleep(150).then(find);
    await sleep(100);
  }
}

/** Whether a program is found by its name, or is the file of that name. */
export function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

interface Program {
  readonly program: string;
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Waits until it listens here. */
  readonly port?: number;
  /** Waits until this file holds this text: some log each connection. */
  readonly says?: readonly [file: string, text: string];
}

/** Runs a program until `use` is done; what it said stands in the error when that fails. */
export async function beside(run: Program, use: () => Promise<void>): Promise<void> {
  const variables = Object.entries({ TZ: "UTC", ...run.environment });
  const settings = variables.map(([name, value]) => `${name}=${value}`);
  const child = spawn("env", [...settings, run.program, ...run.words], {
    cwd: run.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => (said = `${said}${part.toString()}`.slice(-4_000)));
  }
  const gone = once(child, "exit");
  try {
    if (run.port !== undefined) await until(`listens on ${run.port}`, () => listens(run.port ?? 0));
    if (run.says !== undefined) await until("is ready", () => isSaid(run.says ?? ["", ""]));
    await use();
  } catch (error) {
    throw new Error(`${run.program} said: ${said}`, { cause: error });
  } finally {
    child.kill("SIGTERM");
    await gone;
  }
}

/** Waits for something, for 15 s at most. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`It never ${what}.`);
}

/** Whether a file is there and holds a text. */
export async function isSaid([file, text]: readonly [string, string]): Promise<boolean> {
  const said = await readFile(file, "utf8").catch(() => null);
  return said?.includes(text) === true;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for `proxy.test` that no authority signed, and its key. */
function selfSigned(folder: string): Certificate {
  const cert = join(folder, "self.pem");
  const key = join(folder, "self.key");
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj";
  const made = spawnSync("openssl", [
    ...words.split(" "),
    "/CN=proxy.test",
    "-addext",
    "subjectAltName=DNS:proxy.test,IP:127.0.0.1",
    "-keyout",
    key,
    "-out",
    cert,
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${String(made.stderr)}`);
  return { cert, key };
}
