import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Ingest, openIngest } from "#lib/run/ingest.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "../harness.ts";
import { besideCollector, collectorExporters } from "./collector.ts";
import { type Command, has, runBehind } from "./debian-clients.ts";
import { goSdk, protocols, proxySent, proxyTold, sdks } from "./sdk-programs.ts";
import { snippetsFor } from "./sending.ts";
import { type Stored, storedIn } from "./stored.ts";
import { openTroubled, type Trouble } from "./troubled.ts";

let test: TestDatabase;
let ingest: Ingest;
let stored: Stored;
let folder: string;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project: 1, metrics: createMetrics() });
  stored = storedIn(test.database);
  folder = await mkdtemp(join(tmpdir(), "viascope-troubled-"));
});
afterAll(async () => {
  await ingest.drained();
  await rm(folder, { recursive: true });
  await test.drop();
});

interface Sender {
  readonly sender: string;
  readonly isThere: boolean;
  readonly sendsAgainWhenCut: boolean;
  /** Makes the program that sends one trace. */
  prepare(): Promise<Command>;
  /** Runs it against the ports of a snippet's addresses, and stays until `check` is done. */
  send(program: Command, sending: Sending): Promise<void>;
}

interface Sending {
  readonly snippet: (name: string) => string;
  readonly service: string;
  readonly check: () => Promise<void>;
}

const ofSdks: readonly Sender[] = sdks.flatMap((sdk) =>
  protocols.map((protocol) => ({
    sender: `${sdk.language}'s SDK over ${protocol}`,
    isThere: sdk.isThere,
    // Go's exporter over HTTP gives up what it sent over a connection that broke.
    sendsAgainWhenCut: sdk !== goSdk || protocol === "grpc",
    prepare: () => sdk.eagerProxy(folder, protocol),
    async send(program, { snippet, service, check }) {
      const documented = snippet(protocol === "grpc" ? "otel-grpc" : "otel-http");
      const own = `export OTEL_SERVICE_NAME=${service} OTEL_EXPORTER_OTLP_COMPRESSION=gzip`;
      await runBehind(documented + snippet("otel-token") + own, program, folder);
      await check();
    },
  })),
);

const ofCollector: readonly Sender[] = collectorExporters.map((exporter) => ({
  sender: `the Collector's exporter ${exporter}`,
  isThere: has.collector && has.go,
  sendsAgainWhenCut: true,
  prepare: () => goSdk.proxy(folder, "grpc"),
  async send(program, { snippet, service, check }) {
    const run = { folder, documented: snippet("collector"), exporter, token: "TOKEN" };
    await besideCollector(run, async (endpoint) => {
      const settings = `export OTEL_SERVICE_NAME=${service} OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`;
      await runBehind(settings, program, folder);
      await check();
    });
  },
}));

const troubles: readonly (readonly [string, Trouble])[] = [
  ["told 429 or RESOURCE_EXHAUSTED", "429"],
  ["told 503 or UNAVAILABLE", "503"],
  ["cut off before it hears that all is stored", "cut"],
];

describe.concurrent.each([...ofSdks, ...ofCollector])("$sender", (each) => {
  let program: Command;

  beforeAll(async () => {
    if (each.isThere) program = await each.prepare();
  });

  const met = troubles.filter(([, trouble]) => trouble !== "cut" || each.sendsAgainWhenCut);
  it.skipIf(!each.isThere).each(met)(
    "comes back when it is %s, and all is counted once, where .ci/debian-clients has run",
    async (_, trouble) => {
      const service = `${each.sender} ${trouble}`.replaceAll(/\W+/g, "_");
      const troubled = await openTroubled(ingest.intake, trouble);
      const check = async (): Promise<void> => {
        expect(await proxyTold(stored, service)).toEqual(proxySent);
      };
      try {
        await each.send(program, { snippet: snippetsFor(folder, troubled.ports), service, check });
        expect(troubled.heard).toEqual(["traces gzip", "traces gzip"]);
      } finally {
        await troubled.stop();
      }
    },
  );
});
