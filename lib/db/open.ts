import { Pool } from "pg";

import { StartProblem } from "#lib/config/start-problem.ts";

import { errorCode } from "./error-code.ts";

export interface Database {
  readonly pool: Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
  /** Opens the pool also when nothing answers yet. */
  readonly mayBeAway?: boolean;
}

const oldestMajor = 15;

/** Opens a pool on a Postgres that answers and is new enough, or throws a StartProblem that says what to change. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // Without a listener a connection that Postgres closes between two queries would end the process; the next query
  // reports it. The pool listens to idle ones only, and a lock or a transaction holds one while it does other work.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    await refuseOldServer(pool);
  } catch (error) {
    if (options.mayBeAway !== true || adviceFor(error) !== unreachable) {
      await pool.end();
      throw startProblemOf(error, options.url);
    }
  }
  return { pool, close: () => pool.end() };
}

/** Rejects while the database does not answer. */
export async function reach(db: Database): Promise<void> {
  await db.pool.query("SELECT 1");
}

/** Turns what a first connection fails with into a sentence about DATABASE_URL; other errors come back unchanged. */
export function startProblemOf(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error instanceof StartProblem) return error;
  const advice = adviceFor(error);
  if (advice === undefined) return error;
  const reason = error.message || errorCode(error);
  return new StartProblem(advice(placeOf(url), reason), { cause: error });
}

function adviceFor(error: unknown): Advice | undefined {
  if (!(error instanceof Error) || error instanceof StartProblem) return undefined;
  const known = adviceByCode[errorCode(error)];
  return known ?? (/timeout/i.test(error.message) ? unreachable : undefined);
}

async function refuseOldServer(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string }>(
    "SELECT current_setting('server_version_num') AS version",
  );
  const major = Math.floor(Number(rows[0]?.version ?? 0) / 10_000);
  if (major >= oldestMajor) return;
  throw new StartProblem(
    `The database is Postgres ${major}, and Viascope needs ${oldestMajor} or newer: point DATABASE_URL at a newer server.`,
  );
}

type Advice = (place: string, reason: string) => string;

const unreachable: Advice = (place, reason) =>
  `The database at ${place} cannot be reached (${reason}): start it, or correct DATABASE_URL.`;
const refused: Advice = (place, reason) =>
  `The database at ${place} refused the login (${reason}): correct the user or password in DATABASE_URL.`;

const adviceByCode: Record<string, Advice> = {
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ENOENT: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  "57P03": unreachable,
  "28P01": refused,
  "28000": refused,
  "3D000": (place, reason) =>
    `The database at ${place} cannot be used (${reason}): create it, or correct DATABASE_URL.`,
  "53300": (place, reason) =>
    `The database at ${place} has no free connection (${reason}): raise max_connections there.`,
};

/** Host, port and database name, never the password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return "the address in DATABASE_URL";
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `${searchParams.get("host") ?? hostname}:${port || "5432"}${pathname}`;
}
