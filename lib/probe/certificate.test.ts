import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";

import { afterEach, describe, expect, it } from "vitest";

import { certificateTargetOf } from "#lib/core/certificate.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import { targetGuard } from "#lib/guard/target-guard.ts";
import { selfSigned } from "#tests/certificates.ts";
import { portOf } from "#tests/receiver.ts";

import { checkCertificate, type CertificateReading } from "./certificate.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

const begins = new Date("2026-01-01T00:00:00Z");
const ends = new Date("2049-12-31T23:59:59Z");
const loopback = targetGuard(["127.0.0.0/8"]);
const reasonOf = (text: string): TlsReason =>
  text.includes("SELF_SIGNED") ? "self_signed" : "other";

function check(port: number, options: { guard?: typeof loopback; name?: string } = {}) {
  const target = certificateTargetOf(`${options.name ?? ""}127.0.0.1:${port}`);
  if (target === null) throw new Error("no target");
  return checkCertificate(target, {
    guard: options.guard ?? loopback,
    timeoutMs: 500,
    reasonOf,
  });
}

function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(portOf(server.address())));
  });
}

function tlsServer(options: TlsOptions): Promise<number> {
  return listen(createServer(options, (socket) => socket.on("error", () => socket.destroy())));
}

describe("the check of a certificate", () => {
  it("reads what a server shows, and says why nobody would trust it", async () => {
    const made = selfSigned({
      commonName: "goproxy",
      names: ["goproxy.example", "b.example"],
      begins,
      ends,
    });
    const reading = await check(await tlsServer(made));
    expect(reading).toMatchObject({
      kind: "read",
      certificate: {
        beginsMs: begins.getTime(),
        endsMs: ends.getTime(),
        subject: "CN=goproxy",
        issuer: "CN=goproxy",
        names: ["goproxy.example", "b.example"],
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      distrust: { text: "it is signed by itself", reason: "self_signed" },
    });
  });

  it("asks for the name given, not for the address", async () => {
    const names: string[] = [];
    const port = await tlsServer({
      ...selfSigned({ commonName: "x", names: ["x.example"], begins, ends }),
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    });
    await check(port, { name: "x.example@" });
    expect(names).toEqual(["x.example"]);
  });

  it("reads a certificate also of a server that wants one of its clients", async () => {
    const made = selfSigned({ commonName: "x", names: [], begins, ends });
    const port = await tlsServer({ ...made, requestCert: true, rejectUnauthorized: true });
    expect(await check(port)).toMatchObject({ kind: "read", certificate: { subject: "CN=x" } });
  });

  it("connects nowhere that the guard does not admit", async () => {
    let connections = 0;
    const port = await listen(createPlainServer(() => (connections += 1)));
    const guard = targetGuard([], undefined, "VIASCOPE_PROBE_ALLOW");
    expect(troubleIn(await check(port, { guard }))).toMatch(
      /127\.0\.0\.1 is not a public address.*VIASCOPE_PROBE_ALLOW/,
    );
    expect(connections).toBe(0);
  });

  it.each<[string, () => Promise<number>, RegExp]>([
    ["that is not there", closedPort, /refused the connection/],
    [
      "that says nothing",
      () => listen(createPlainServer(() => undefined)),
      /did not answer within/,
    ],
    [
      "that hangs up",
      () => listen(createPlainServer((socket) => socket.destroy())),
      /closed the connection|hung up/,
    ],
    [
      "that speaks no TLS",
      () => listen(createPlainServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
      /wrong version number|packet length too long|record layer failure/i,
    ],
    [
      "that speaks other versions only",
      () =>
        tlsServer({
          ...selfSigned({ commonName: "x", names: [], begins, ends }),
          maxVersion: "TLSv1.1",
          minVersion: "TLSv1",
          ciphers: "DEFAULT@SECLEVEL=0",
        }),
      /protocol/,
    ],
  ])("tells of a server %s", async (_name, start, sentence) => {
    const reading = await check(await start());
    expect(troubleIn(reading)).toMatch(sentence);
  });
});

function troubleIn(reading: CertificateReading): string {
  return reading.kind === "failed" ? reading.trouble.text : "it was read";
}

async function closedPort(): Promise<number> {
  const server = createPlainServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  servers.pop();
  return port;
}
