import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

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

/** Runs a program until `use` is done, which is given its process; what it said stands in the error when that fails. */
export async function beside<Result>(
  run: Program,
  use: (process: number) => Promise<Result>,
): Promise<Result> {
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
    return await use(child.pid ?? 0);
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
