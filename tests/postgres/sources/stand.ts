import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readSettings } from "#lib/config/settings.ts";
import { runIngestRole } from "#lib/run/ingest-role.ts";

import { testDatabase, type TestDatabase } from "../harness.ts";
import { freePort, startOrigin } from "./origin.ts";
import { type Certificate, selfSigned } from "./self-signed.ts";
import { type Sending, sendingFrom, snippetsFor } from "./sending.ts";
import { type Stored, storedIn } from "./stored.ts";

/** A Viascope that takes in telemetry, and a folder for the programs that send to it. */
export interface Stand extends Stored, Sending {
  readonly folder: string;
  readonly test: TestDatabase;
  /** What stands behind the proxies: an origin in the clear, one over TLS with `cert`, and a port where nobody listens. */
  readonly origins: { readonly port: number; readonly tlsPort: number; readonly deadPort: number };
  /** A certificate that no authority signed. */
  readonly cert: Certificate;
  readonly ingestPorts: Readonly<Record<string, number>>;
  /** The documented snippet, with the ports and the folder of this test in the place of the documented ones. */
  snippet(name: string): string;
  stop(): Promise<void>;
}

/** Starts all that a documented sender needs. */
export async function openStand(): Promise<Stand> {
  const test = await testDatabase();
  const ports = ["OTLP_HTTP", "OTLP_GRPC", "SYSLOG"].map((name) => [`VIASCOPE_${name}_PORT`, "0"]);
  const settings = { ...readSettings(Object.fromEntries(ports)), databaseUrl: test.url };
  const ingest = await runIngestRole(settings);
  const folder = await mkdtemp(join(tmpdir(), "viascope-source-"));
  // Proxies that are started by root write as somebody else.
  await chmod(folder, 0o777);
  const cert = selfSigned(folder);
  const [origin, tlsOrigin, deadPort] = await Promise.all([
    startOrigin(),
    startOrigin(cert),
    freePort(),
  ]);
  const snippet = snippetsFor(folder, ingest.ports);
  return {
    folder,
    test,
    origins: { port: origin.port, tlsPort: tlsOrigin.port, deadPort },
    cert,
    ingestPorts: ingest.ports,
    snippet,
    ...storedIn(test.database),
    ...sendingFrom(folder, ingest.ports, snippet),
    async stop() {
      await Promise.all([origin.stop(), tlsOrigin.stop(), ingest.stop()]);
      await rm(folder, { recursive: true });
      await test.drop();
    },
  };
}
