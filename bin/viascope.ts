import { readSettings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";

/** Each command loads only its own rooms: a role's memory is what it needs itself. */
const commands: Record<string, () => Promise<number | void>> = {
  async start() {
    const { supervise } = await import("#lib/run/supervise.ts");
    await supervise(readSettings());
  },
  async ingest() {
    const [{ runRoleProcess }, { runIngestRole }] = await Promise.all([
      import("#lib/run/role-process.ts"),
      import("#lib/run/ingest-role.ts"),
    ]);
    await runRoleProcess("ingest", runIngestRole);
  },
  async worker() {
    const [{ runRoleProcess }, { runWorkerRole }] = await Promise.all([
      import("#lib/run/role-process.ts"),
      import("#lib/run/worker-role.ts"),
    ]);
    await runRoleProcess("worker", runWorkerRole);
  },
  async web() {
    const [{ runRoleProcess }, { runWebRole }] = await Promise.all([
      import("#lib/run/role-process.ts"),
      import("#lib/run/web-role.ts"),
    ]);
    await runRoleProcess("web", runWebRole);
  },
  async migrate() {
    const { migrateDatabase } = await import("#lib/run/migrate-database.ts");
    const applied = await migrateDatabase(readSettings());
    process.stdout.write(
      applied.length === 0 ? "The database is up to date.\n" : `Applied ${applied.join(", ")}.\n`,
    );
  },
  async demo() {
    const { runDemo } = await import("#lib/run/demo.ts");
    await runDemo(readSettings(), words);
  },
  async tail() {
    const { runTail } = await import("#lib/run/tail.ts");
    await runTail(readSettings().dataDir, words);
  },
  async parse() {
    const { runParse } = await import("#lib/run/parse.ts");
    return runParse(words, readSettings().retention.accessLogs, Date.now());
  },
};

const [name = "start", ...words] = process.argv.slice(2);
const command = commands[name];
try {
  if (command === undefined) {
    throw new StartProblem(
      `There is no command ${name}: use one of ${Object.keys(commands).join(", ")}.`,
    );
  }
  const exitCode = await command();
  process.exit(exitCode ?? 0);
} catch (error) {
  process.stderr.write(`viascope: ${textOf(error)}\n`);
  process.exit(1);
}

/** A StartProblem is a sentence for the operator; anything else is a fault of ours, and its stack helps to find it. */
function textOf(error: unknown): string {
  if (error instanceof StartProblem) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
