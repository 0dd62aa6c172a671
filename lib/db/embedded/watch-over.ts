import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** Stops the server even when this process is killed: a shell that waits for the end of its input outlives us, and then removes the throw-away folder, if one is named. Returns how to dismiss it. */
export function watchOver(server: ChildProcess, throwAway: string | null): () => void {
  const shell = spawn("sh", ["-c", script, "watch-over", String(server.pid), throwAway ?? ""], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", () => undefined);
  shell.unref();
  return () => shell.kill("SIGKILL");
}

const script = `
  read -r _
  kill -INT "$1"
  [ -n "$2" ] || exit 0
  while kill -0 "$1"; do sleep 0.1; done
  rm -rf "$2"
`;

const politeMsMax = 30_000;

/** Ends a server and resolves when it is gone: sessions are cut and everything is written out; if that takes too long, without the latter. */
export async function stopProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  server.kill("SIGINT");
  const patience = new AbortController();
  await Promise.race([
    gone,
    sleep(politeMsMax, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  if (server.exitCode === null && server.signalCode === null) server.kill("SIGQUIT");
  await gone;
}
