import { afterAll, beforeAll, expect, it } from "vitest";

import { besideCollector, collectorExporters } from "./collector.ts";
import { type Command, has, runBehind } from "./debian-clients.ts";
import { goSdk, proxySent, proxyTold, recordsSent, recordsTold } from "./sdk-programs.ts";
import { openStand, type Stand } from "./stand.ts";

const isThere = has.collector && has.go;
let stand: Stand;
let programs: readonly Command[] = [];

beforeAll(async () => {
  stand = await openStand();
  if (!isThere) return;
  programs = [await goSdk.proxy(stand.folder, "grpc"), await goSdk.records(stand.folder)];
});
afterAll(() => stand.stop());

it.skipIf(!isThere).each(collectorExporters)(
  "the Collector, set up as documented, stores what comes to it through its exporter %s, where .ci/debian-clients has run",
  async (exporter) => {
    const { folder } = stand;
    const documented = stand.snippet("collector");
    await besideCollector({ folder, documented, exporter }, async (endpoint) => {
      const settings = `export OTEL_SERVICE_NAME=${exporter} OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`;
      for (const program of programs) await runBehind(settings, program, folder);
      expect(await proxyTold(stand, exporter)).toEqual(proxySent);
    });
    // It is gone now, and has sent what it had.
    expect(await recordsTold(stand.test.database, exporter)).toMatchObject(recordsSent);
  },
);
