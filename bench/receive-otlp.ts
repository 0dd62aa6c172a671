/* What the listener and the decoder cost a server per request, without storage: `node bench/receive-otlp.ts`. */
import { fork } from "node:child_process";
import { Agent, request } from "node:http";
import { gzipSync } from "node:zlib";

import { decodeTraces } from "#lib/decode/otlp-traces.ts";
import { accessBy } from "#lib/receive/access.ts";
import { createReceiver } from "#lib/receive/receiver.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { referenceTraces } from "./reference-traces.ts";

const connections = 32;
const seconds = 5;

/** What the server tells at its start, and each time it is asked. */
interface Report {
  readonly port: number;
  readonly cpuMicros: number;
  readonly spans: number;
}

if (process.send === undefined) await measureAll();
else await serve();

async function serve(): Promise<void> {
  let spans = 0;
  const receiver = createReceiver({
    intake: {
      traces(payload) {
        spans += decodeTraces(payload).spans.length;
        return Promise.resolve({ kind: "accepted", rejected: 0, message: "" });
      },
      accessLogs: () => Promise.reject(new Error("not measured")),
    },
    host: "127.0.0.1",
    port: 0,
    limits: { bodyBytesMax: 1e8, heldBytesSoft: 1e8, heldBytesHard: 2e8, holdMsMax: 5_000 },
    access: accessBy({ token: null, project: 1 }),
    metrics: createMetrics(),
    ready: () => Promise.resolve(true),
    onError: () => {},
  });
  const { port } = await receiver.listen();
  const report = () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ port, cpuMicros: user + system, spans } satisfies Report);
  };
  process.on("message", report);
  process.on("disconnect", () => process.exit());
  report();
}

async function measureAll(): Promise<void> {
  const cases: [string, number, boolean][] = [
    ["512 spans", 512, false],
    ["512 spans, gzip", 512, true],
    ["6 spans", 6, false],
  ];
  for (const [name, spans, gzip] of cases) await measure(name, spans, gzip);
}

async function measure(name: string, spans: number, gzip: boolean): Promise<void> {
  const server = fork(new URL(import.meta.url), { stdio: "inherit" });
  const next = () => new Promise<Report>((resolve) => server.once("message", resolve));
  const { port } = await next();
  const bodies = Array.from({ length: 16 }, (_, index) => {
    const body = referenceTraces(spans, index + 1);
    return gzip ? gzipSync(body) : body;
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask = () => (server.send("report"), next());
  await load(port, agent, bodies, gzip, 2_000);
  const before = await ask();
  const requests = await load(port, agent, bodies, gzip, seconds * 1000);
  const after = await ask();
  const cpu = (after.cpuMicros - before.cpuMicros) / requests;
  const rate = (after.spans - before.spans) / seconds;
  process.stdout.write(
    `${name}: ${cpu.toFixed(0)} µs of server CPU per request, ${Math.round(requests / seconds)} requests/s, ${Math.round(rate / 1000)} k spans/s with the client on the same machine\n`,
  );
  agent.destroy();
  server.disconnect();
}

/** Sends for so long on every connection; gives how many requests were answered. */
async function load(
  port: number,
  agent: Agent,
  bodies: readonly Uint8Array[],
  gzip: boolean,
  forMs: number,
): Promise<number> {
  const deadline = performance.now() + forMs;
  let answered = 0;
  const one = async (worker: number) => {
    for (let turn = worker; performance.now() < deadline; turn += 1) {
      await post(port, agent, bodies[turn % bodies.length] ?? new Uint8Array(), gzip);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, worker) => one(worker)));
  return answered;
}

function post(port: number, agent: Agent, body: Uint8Array, gzip: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/x-protobuf",
      "content-length": body.length,
      ...(gzip && { "content-encoding": "gzip" }),
    };
    const options = { agent, port, host: "127.0.0.1", method: "POST", path: "/v1/traces", headers };
    const call = request(options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume().once("end", resolve);
    });
    call.once("error", reject);
    call.end(body);
  });
}
