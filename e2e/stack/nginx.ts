import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "./free-port.ts";

/** The nginx of this machine; null when there is none. */
export const nginxBinary =
  ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"].find(
    (path) => existsSync(path),
  ) ?? null;

export const logFormat =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" ua="$upstream_addr" us="$upstream_status" cs=$upstream_cache_status';

export interface Nginx {
  readonly url: string;
  /** The lines of its log, when there are as many as awaited. */
  logLines(count: number): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** For each first element of a path, the servers that are asked for it: the second one when the first fails. */
export type Groups = Readonly<Record<string, readonly [first: string, second: string]>>;

/** Starts a real nginx with a folder of its own. */
export async function startNginx(binary: string, groups: Groups): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "viascope-nginx-"));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  await writeFile(file, configuration(folder, port, groups));
  const child = spawn(binary, ["-p", folder, "-c", file, "-e", join(folder, "error.log")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(() => fetch(`${url}/up`).then((answer) => answer.ok));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, logLines: (count) => awaitedLines(join(folder, "access.log"), count), stop };
}

function configuration(folder: string, port: number, groups: Groups): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join("\n  ");
  const upstreams = Object.entries(groups).map(
    ([name, [first, second]]) =>
      `upstream ${name} { server ${first} max_fails=0; server ${second} max_fails=0 backup; }`,
  );
  const locations = Object.keys(groups).map(
    (name) => `location /${name}/ { proxy_pass http://${name}/; }`,
  );
  return `daemon off; master_process off; pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  ${temporary}
  log_format timed '${logFormat}';
  access_log off;
  proxy_next_upstream error timeout http_503;
  ${upstreams.join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location = /up { access_log off; return 200; }
    location / { return 404; }
    access_log ${folder}/access.log timed;
    ${locations.join("\n    ")}
  }
}
`;
}

async function awaitedLines(file: string, count: number): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  await until(async () => {
    lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
    return lines.length >= count;
  });
  return lines;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds().catch(() => false)) return;
    await sleep(25);
  }
  throw new Error("nginx did not get there in 5 s.");
}
