import { rmSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { z } from "zod";

import { chdbTables, traceProto } from "./chdb-tables.ts";
import { serveBatches } from "./serve-batches.ts";

/**
 * The engine of ClickHouse in a process of its own, behind the simplest HTTP server: `chdb-host.ts MODULES DATA spans|lines`.
 * It reads the bodies as they came from a file in memory; a batch is answered when its part is on the disk.
 */
interface Session {
  query(query: string, format?: string): string;
  queryAsync(query: string): Promise<unknown>;
}
type SessionClass = new (folder: string) => Session;

const [modules = "", folder = "", name = ""] = process.argv.slice(2);
const kind = z.enum(["spans", "lines"]).parse(name);
const table = chdbTables[kind];
const Session = loadSession();
const inbox = `/dev/shm/viascope-peer-${process.pid}`;
await mkdir(inbox);
process.on("exit", () => rmSync(inbox, { recursive: true, force: true }));
const schema = join(inbox, "trace.proto");
await writeFile(schema, traceProto);
const session = new Session(join(folder, "chdb"));
session.query(table.create);

const settings = table.settings.replace("trace.proto", schema);
const file = join(inbox, "batch");
const source = `file('${file}', '${table.format}', '${table.structure}')`;
const insert = `INSERT INTO ${kind} ${table.select.replace("FROM FILE", `FROM ${source}`)} SETTINGS ${settings}`;

serveBatches({
  async store(bodies) {
    const batch = await open(file, "w");
    await batch.writev([...bodies]);
    await batch.close();
    await session.queryAsync(insert);
  },
  holding() {
    const answer = session.query(
      `SELECT sum(rows) AS records, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = '${kind}' FORMAT JSONCompactColumns`,
    );
    const [[records = 0] = [], [bytes = 0] = []] = z
      .array(z.array(z.coerce.number()))
      .parse(JSON.parse(answer));
    return Promise.resolve({ records, bytes });
  },
});

/** From where the peers were fetched to: this project does not depend on it. */
function loadSession(): SessionClass {
  const loaded: unknown = createRequire(join(modules, "package.json"))("chdb");
  return z
    .object({ Session: z.custom<SessionClass>((value) => typeof value === "function") })
    .parse(loaded).Session;
}
