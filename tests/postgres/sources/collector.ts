import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { collector } from "./debian-clients.ts";
import { freePort } from "./origin.ts";
import { beside } from "./program.ts";

export const collectorExporters = ["otlp", "otlphttp"] as const;

interface CollectorRun {
  readonly folder: string;
  /** The documented configuration. */
  readonly documented: string;
  /** Which of its exporters sends. */
  readonly exporter: string;
  readonly token?: string;
}

/** Runs the Collector until `use` is done, which is given where it takes gRPC. */
export async function besideCollector(
  { folder, documented, exporter, token }: CollectorRun,
  use: (endpoint: string) => Promise<void>,
): Promise<void> {
  const [httpPort, port] = [await freePort(), await freePort()];
  const configuration = documented
    .replace("127.0.0.1:14318", `127.0.0.1:${httpPort}`)
    .replace("127.0.0.1:14317", `127.0.0.1:${port}`)
    .replaceAll("exporters: [otlp]", `exporters: [${exporter}]`);
  const words: string[] = [];
  for (const [name, text] of Object.entries({ configuration, own: ownSettings(exporter, token) })) {
    const file = join(folder, `collector-${port}-${name}.yaml`);
    await writeFile(file, text);
    words.push("--config", file);
  }
  await beside({ program: collector, words, folder, port }, () => use(`http://127.0.0.1:${port}`));
}

/** Tries again as soon as it is told that it may, in place of after five seconds, and takes no port for metrics of its own. */
function ownSettings(exporter: string, token?: string): string {
  const headers = token === undefined ? "" : `headers: { Authorization: Bearer ${token} }, `;
  return `
exporters: { ${exporter}: { ${headers}retry_on_failure: { initial_interval: 100ms } } }
service: { telemetry: { metrics: { level: none } } }
`;
}
