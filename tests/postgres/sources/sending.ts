import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { documentedSnippet } from "./documented.ts";
import { beside, until } from "./program.ts";

const checkout = join(import.meta.dirname, "../../..");

/** Ways to send what the programs of a folder wrote. */
export interface Sending {
  /** Writes a file into the folder; gives its path. */
  write(name: string, text: string): Promise<string>;
  /** Sends a file of the folder, as the query says, when it has all its lines; every one must be taken. */
  post(query: string, name: string, lines: number): Promise<void>;
  /** Follows files as documented under a name, until `use` is done. */
  tailing(name: string, use: () => Promise<void>): Promise<void>;
}

type Ports = Readonly<Record<string, number>>;
type Snippet = (name: string) => string;

/** Gives documented snippets, with the ports and the folder of a test in the place of the documented ones. */
export function snippetsFor(folder: string, ports: Ports): Snippet {
  const here: readonly (readonly [string, string])[] = [
    ["127.0.0.1:4318", `127.0.0.1:${ports["VIASCOPE_OTLP_HTTP_PORT"]}`],
    ["127.0.0.1:4317", `127.0.0.1:${ports["VIASCOPE_OTLP_GRPC_PORT"]}`],
    ["127.0.0.1:5514", `127.0.0.1:${ports["VIASCOPE_SYSLOG_PORT"]}`],
    ['port="5514"', `port="${ports["VIASCOPE_SYSLOG_PORT"]}"`],
    ["--port 5514", `--port ${ports["VIASCOPE_SYSLOG_PORT"]}`],
  ];
  return (name) =>
    here
      .reduce(
        (text, [documented, used]) => text.replaceAll(documented, used),
        documentedSnippet(name),
      )
      .replaceAll(/\/var\/(?:log\/\w+|lib\/docker\/containers)\//g, `${folder}/`);
}

/** Sends from a folder to an ingest that listens on these ports. */
export function sendingFrom(folder: string, ports: Ports, snippet: Snippet): Sending {
  return {
    async write(name, text) {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    },
    async post(query, name, lines) {
      const file = join(folder, name);
      await until(
        "wrote its log",
        async () => (await readFile(file, "utf8")).split("\n").length > lines,
      );
      const url = `http://127.0.0.1:${ports["VIASCOPE_OTLP_HTTP_PORT"]}/ingest/access-logs?${query}`;
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
  };
}
