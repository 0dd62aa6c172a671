import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

const binary = "prometheus-alertmanager";

/** Whether Debian's prometheus-alertmanager is installed on this machine. */
export function hasAlertmanager(): boolean {
  return spawnSync(binary, ["--version"]).status === 0;
}

export interface RunningAlertmanager {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts an Alertmanager with this configuration, all its files in the folder. */
export async function startAlertmanager(
  folder: string,
  config: string,
): Promise<RunningAlertmanager> {
  const file = join(folder, "alertmanager.yml");
  await writeFile(file, config);
  const port = await freePort();
  const child = spawn(
    binary,
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
      "--log.level=error",
    ],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  await ready(url);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function ready(url: string): Promise<void> {
  for (let asked = 0; asked < 100; asked += 1) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error("Alertmanager did not become ready.");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
