import { sendOverHttp } from "../load/http-sender.ts";
import { LineBodies } from "../load/lines.ts";
import { otlpRequests } from "../load/otlp.ts";
import { Random } from "../load/random.ts";
import type { Bodies } from "../load/sending.ts";
import { quantile, type Figures } from "../run/figures.ts";
import type { Peer, PeerRun } from "./peer.ts";
import type { Holding } from "./serve-batches.ts";
import { Watch } from "./watch.ts";

const mebibyte = 1024 * 1024;

/** A peer that takes bodies over HTTP. */
export interface PeerServer {
  readonly port: number;
  readonly processes: readonly number[];
  /** A Postgres that works for it. */
  readonly postgresProcess: number | null;
  /** Resolves when all that it acknowledged is on the disk: what that costs is its own. */
  written(): Promise<void>;
  holding(): Promise<Holding>;
}

/** What is sent to it. */
export interface PeerLoad {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: (random: Random) => () => Bodies;
  readonly recordsPerRequest: number;
}

/** What `otlp-512` and `nginx-json` send to Viascope. */
export const loads: Readonly<Record<Peer["kind"], PeerLoad>> = {
  spans: {
    path: "/",
    headers: {},
    bodies: (random) => otlpRequests("pair", 512, random),
    recordsPerRequest: 512,
  },
  lines: {
    path: "/",
    headers: {},
    bodies: (random) => () => new LineBodies("json", 1000, random),
    recordsPerRequest: 1000,
  },
};

/** Sends as a scenario of `bench/ingest.ts` does, and tells what came of it. */
export async function measureServer(
  server: PeerServer,
  { seconds, seed }: PeerRun,
  { path, headers, bodies, recordsPerRequest }: PeerLoad,
): Promise<Figures> {
  const watch = new Watch(server.processes, server.postgresProcess);
  const begunMs = Date.now();
  const sent = await sendOverHttp({
    port: server.port,
    path,
    headers,
    connections: 32,
    streams: 1,
    untilMs: begunMs + seconds * 1000,
    bodies: bodies(new Random(seed)),
  });
  const took = (Date.now() - begunMs) / 1000;
  await server.written();
  const used = watch.used();
  const records = (sent.requests - sent.refused) * recordsPerRequest;
  const held = await server.holding();
  return {
    recordsPerSecond: records / took,
    storedShare: held.records / records,
    refusedRequests: sent.refused,
    answerMsP50: quantile(sent.latenciesMs, 0.5),
    answerMsP99: quantile(sent.latenciesMs, 0.99),
    cpuUsPerRecord: (used.cpuSeconds * 1e6) / records,
    memoryMib: used.memoryBytesMax / mebibyte,
    diskBytesPerRecord: held.bytes / records,
  };
}
