import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Where `.ci/debian-clients` leaves what it prepares. */
const prepared = join(homedir(), ".cache/viascope-clients");
const goTools = join(prepared, "go");
const python = join(prepared, "python3");
const sources = join(import.meta.dirname, "clients");

/** The OpenTelemetry Collector. */
export const collector = join(prepared, "otelcol");

/** Which clients were prepared: the tests of others skip. */
export const has = {
  go: existsSync(goTools),
  python: existsSync(python),
  collector: existsSync(collector),
};

/** The words that start a program. */
export type Command = readonly string[];

/** A Go program of `clients`, compiled into a folder with the documented part of it, if it has one. */
export async function goProgram(
  folder: string,
  name: string,
  documented?: string,
): Promise<Command> {
  const program = freshPath(folder, name);
  const files = [join(sources, `${name}.go`)];
  if (documented !== undefined) {
    files.push(`${program}-documented.go`);
    await writeFile(`${program}-documented.go`, documented);
  }
  const [packages, object] = [join(goTools, "packages"), `${program}.o`];
  await execute(join(goTools, "compile"), ["-p", "main", "-I", packages, "-o", object, ...files]);
  await execute(join(goTools, "link"), ["-s", "-w", "-L", packages, "-o", program, object]);
  return [program];
}

/** A Python program of `clients`, written into a folder behind the documented part of it, if it has one. */
export async function pythonProgram(
  folder: string,
  name: string,
  documented = "",
): Promise<Command> {
  const program = `${freshPath(folder, name)}.py`;
  const own = await readFile(join(sources, `${name}.py`), "utf8");
  await writeFile(program, documented + own);
  // Of the versions that Debian put together it warns on each start, and it must not write among its packages.
  return [python, "-W", "ignore", "-B", program];
}

let made = 0;

function freshPath(folder: string, name: string): string {
  made += 1;
  return join(folder, `${name}-${made}`);
}

/** Runs a command to its end behind shell commands that set its variables; throws what it said when it fails. */
export async function runBehind(settings: string, command: Command, folder: string): Promise<void> {
  await execute("sh", ["-c", `${settings}\nexec "$@"`, "sh", ...command], { cwd: folder });
}
