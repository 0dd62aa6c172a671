import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { otlpLogRequests } from "../load/otlp.ts";
import { victoriaLogsBinary } from "./fetch-victorialogs.ts";
import { loads, measureServer, type PeerLoad } from "./measure-server.ts";
import type { Peer } from "./peer.ts";
import { withVictoriaLogs } from "./victorialogs-server.ts";

const program =
  "VictoriaLogs of VictoriaMetrics 1.112 (built from Debian 13's sources), its defaults; answers before anything is on the disk, where it is with fsync some 5 s later, and CPU counts until then";

/** A stream is what one source sends, as its documentation has it: a proxy, and nothing that differs from line to line. */
const linesQuery = new URLSearchParams({
  _time_field: "time",
  _msg_field: "request_uri",
  _stream_fields: "proxy",
  extra_fields: "proxy=edge",
});

export const victoriaLogsLines = victoriaLogs("lines", {
  note: `${program}; reads the JSON lines into columns, a Bloom filter each; no rollups, no dedupe`,
  load: { ...loads.lines, path: `/insert/jsonline?${linesQuery.toString()}` },
});

/** VictoriaTraces, which Debian has not, keeps a span as such a record in this store. */
export const victoriaLogsSpans = victoriaLogs("spans", {
  note: `${program}; spans as OTLP log records: the store below VictoriaTraces, not that program; no rollups, no joining, no dedupe`,
  load: {
    path: "/insert/opentelemetry/v1/logs",
    headers: { "content-type": "application/x-protobuf" },
    bodies: (random) => otlpLogRequests("pair", 512, random),
    recordsPerRequest: 512,
  },
});

function victoriaLogs(
  kind: Peer["kind"],
  { note, load }: { readonly note: string; readonly load: PeerLoad },
): Peer {
  return {
    name: "victorialogs",
    kind,
    note,
    missing: (folder) =>
      existsSync(victoriaLogsBinary(folder)) ? null : "VictoriaLogs is not built",
    async measure(run) {
      const data = await mkdtemp(join(tmpdir(), "viascope-peer-"));
      try {
        return await withVictoriaLogs(victoriaLogsBinary(run.folder), data, (server) =>
          measureServer(server, run, load),
        );
      } finally {
        await rm(data, { recursive: true, force: true });
      }
    },
  };
}
