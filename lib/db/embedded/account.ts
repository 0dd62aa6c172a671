import { execFile, spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { chown, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

import { StartProblem } from "#lib/config/start-problem.ts";

const run = promisify(execFile);

/** Who Postgres runs as. It refuses to run as root, so root lends it another account. */
export interface Account {
  own(path: string): Promise<void>;
  spawn(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess;
}

/** Chooses the account: ourselves, or for root the owner of the cluster, `postgres`, or a new account `viascope`. */
export async function accountFor(clusterFolder: string, binFolder: string): Promise<Account> {
  if (process.getuid?.() !== 0) return ourselves;
  const ids = (await ownerOf(clusterFolder)) ?? (await idsOf("postgres")) ?? (await newAccount());
  const closed =
    (await closedFolder(clusterFolder, ids)) ??
    (await closedFolder(join(binFolder, "postgres"), ids));
  return closed === null ? lent(ids) : lentWithPassage(ids, closed);
}

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

const ourselves: Account = {
  own: () => Promise.resolve(),
  spawn: (command, args, stdio) =>
    spawn(command, args, { stdio, detached: true, env: environment }),
};

/** Postgres reads PG* and locale variables; what it is told stands on its command line instead. */
const environment: NodeJS.ProcessEnv = {
  NODE_ENV: "production",
  LC_ALL: "C",
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
};

function lent({ uid, gid }: Ids): Account {
  return {
    own: (path) => chown(path, uid, gid),
    spawn: (command, args, stdio) =>
      spawn(command, args, { stdio, uid, gid, cwd: "/", detached: true, env: environment }),
  };
}

/** For a checkout below a folder that only root may enter, such as /root: the account may pass closed folders, and nothing else of root's. */
async function lentWithPassage({ uid, gid }: Ids, closed: string): Promise<Account> {
  const passage = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    // Without it access(2) ignores the capability, and Postgres believes it lacks its own binary.
    "--securebits=+no_setuid_fixup",
  ];
  await run("setpriv", [...passage, "true"]).catch((error: unknown) => {
    throw new StartProblem(
      `Postgres does not run as root, and another account cannot enter ${closed}: set VIASCOPE_DATA_DIR to a folder outside of it and move the checkout too, or start Viascope as an ordinary user.`,
      { cause: error },
    );
  });
  return {
    own: (path) => chown(path, uid, gid),
    spawn: (command, args, stdio) =>
      spawn("setpriv", [...passage, command, ...args], {
        stdio,
        cwd: "/",
        detached: true,
        env: environment,
      }),
  };
}

async function ownerOf(folder: string): Promise<Ids | null> {
  const facts = await stat(folder).catch(() => null);
  return facts === null || facts.uid === 0 ? null : { uid: facts.uid, gid: facts.gid };
}

async function idsOf(name: string): Promise<Ids | null> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function newAccount(): Promise<Ids> {
  const name = "viascope";
  const create = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"];
  const existing = await idsOf(name);
  if (existing !== null) return existing;
  await run("useradd", [...create, name]).catch(() => undefined);
  const created = await idsOf(name);
  if (created !== null) return created;
  throw new StartProblem(
    "Postgres does not run as root, and an account for it could not be created: add a user named viascope, start Viascope as an ordinary user, or set DATABASE_URL.",
  );
}

/** The first folder above a path that the account may not pass, or null. */
async function closedFolder(path: string, ids: Ids): Promise<string | null> {
  const parent = dirname(resolve(path));
  const above = parent === "/" ? null : await closedFolder(parent, ids);
  if (above !== null) return above;
  const facts = await stat(parent).catch(() => null);
  return facts === null || mayPass(facts, ids) ? null : parent;
}

function mayPass(facts: { mode: number; uid: number; gid: number }, ids: Ids): boolean {
  if (facts.uid === ids.uid) return (facts.mode & 0o100) !== 0;
  if (facts.gid === ids.gid) return (facts.mode & 0o010) !== 0;
  return (facts.mode & 0o001) !== 0;
}
