import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { afterEach, expect, it, vi } from "vitest";

import { createMetrics } from "#lib/telemetry/metrics.ts";
import { selfSigned } from "#tests/certificates.ts";

import type { Receiver } from "./receiver.ts";
import { allowedSenders } from "./syslog-allowed.ts";
import { createSyslogReceiver, type SyslogReceiverOptions } from "./syslog-receiver.ts";

const { cert, key } = selfSigned({
  commonName: "syslog",
  names: ["localhost"],
  begins: new Date(Date.now() - 60_000),
  ends: new Date(Date.now() + 3_600_000),
});
const tls = { cert: Buffer.from(cert), key: Buffer.from(key) };
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: Partial<SyslogReceiverOptions> = {}) {
  const metrics = createMetrics();
  const messages: string[] = [];
  const state = { isFull: false, room: Promise.withResolvers<void>() };
  const receiver: Receiver = createSyslogReceiver({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    isAllowed: allowedSenders([]),
    sink: {
      take(message) {
        if (!state.isFull) messages.push(message.toString());
        return !state.isFull;
      },
      room: () => state.room.promise,
    },
    metrics,
    onError: () => {},
    ...options,
  });
  const { port } = await receiver.listen();
  ends.push(() => receiver.close());
  const count = (name: string, labels: Readonly<Record<string, string>>) =>
    metrics
      .readings()
      .filter((one) => one.name === name)
      .filter((one) =>
        Object.entries(labels).every(([label, value]) => one.labels[label] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  return { port, messages, count, state };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  ends.push(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

function datagram(port: number, text: string): Promise<void> {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    socket.send(text, port, "127.0.0.1", (error) => {
      socket.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
}

const messagesTotal = "viascope_syslog_messages_total";
const refusedTotal = "viascope_syslog_refused_total";

it("takes messages over UDP and TCP on one port, in both framings, and counts them", async () => {
  const { port, messages, count } = await start();
  await datagram(port, "<1>udp");
  await vi.waitFor(() => expect(messages).toEqual(["<1>udp"]));
  const socket = await open(port);
  socket.write("<1>line\n7 <1>octe");
  socket.end("<1>last");
  await vi.waitFor(() => expect(messages).toEqual(["<1>udp", "<1>line", "<1>octe", "<1>last"]));
  expect(count(messagesTotal, { transport: "udp", outcome: "accepted" })).toBe(1);
  expect(count(messagesTotal, { transport: "tcp", outcome: "accepted" })).toBe(3);
});

it("takes TLS on the same port, however its first bytes come", async () => {
  const { port, messages, count } = await start({ tls });
  const secure = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(secure, "secureConnect");
  expect(secure.getPeerCertificate().subject.CN).toBe("syslog");
  secure.write("<1>secret\n");
  secure.end("8 <1>other");
  const plain = await open(port);
  plain.write("<1>plain\n");
  await vi.waitFor(() =>
    expect(messages.toSorted()).toEqual(["<1>other", "<1>plain", "<1>secret"]),
  );
  expect(count(messagesTotal, { transport: "tls", outcome: "accepted" })).toBe(2);
});

it("cuts a sender that speaks TLS where none is set, and one that breaks the handshake", async () => {
  const without = await start();
  const hello = connectTls({ port: without.port, host: "127.0.0.1" });
  await once(hello, "error");
  await vi.waitFor(() => expect(without.count(refusedTotal, { reason: "no_tls" })).toBe(1));
  const { port, count } = await start({ tls });
  const socket = await open(port);
  socket.write(Buffer.from("1603010005", "hex"));
  socket.write("hello");
  await once(socket, "close");
  await vi.waitFor(() => expect(count(refusedTotal, { reason: "tls_failed" })).toBe(1));
});

it("takes nothing from senders that are not allowed, and counts it", async () => {
  const { port, messages, count } = await start({ isAllowed: () => false });
  await datagram(port, "<1>x");
  const socket = await open(port);
  await once(socket, "close");
  await vi.waitFor(() =>
    expect(count(messagesTotal, { transport: "udp", outcome: "not_allowed" })).toBe(1),
  );
  expect(count(refusedTotal, { reason: "not_allowed" })).toBe(1);
  expect(messages).toEqual([]);
});

it.each([
  ["127.0.0.1", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["10.1.2.3", true],
  ["::ffff:10.1.2.3", true],
  ["192.0.2.7", true],
  ["fd00::7", true],
  ["192.0.2.8", false],
  ["fe80::1", false],
  ["", false],
])("an address as %s is allowed: %s", (address, isAllowed) => {
  expect(allowedSenders(["10.0.0.0/8", "192.0.2.7", "fd00::/8"])(address)).toBe(isAllowed);
});

it("leaves out messages that are too long, one by one, and reads on", async () => {
  const { port, messages, count } = await start({ limits: { messageBytesMax: 10 } });
  await datagram(port, "<1>0123456789");
  const socket = await open(port);
  socket.write("<1>0123456789\n<1>ok\n");
  await vi.waitFor(() => expect(messages).toEqual(["<1>ok"]));
  await vi.waitFor(() => expect(count(messagesTotal, { outcome: "too_long" })).toBe(2));
});

it("cuts a sender that does not end its message in time, and leaves one alone that owes nothing", async () => {
  const { port, messages, count } = await start({ limits: { messageMsMax: 150 } });
  const silent = await open(port);
  const slow = await open(port);
  const idle = await open(port);
  slow.write("<1>never en");
  idle.write("<1>ok\n");
  await Promise.all([once(silent, "close"), once(slow, "close")]);
  expect(count(refusedTotal, { reason: "too_slow" })).toBe(2);
  idle.write("<1>still\n");
  await vi.waitFor(() => expect(messages).toEqual(["<1>ok", "<1>still"]));
});

it("takes no more connections than it may, and others when some are gone", async () => {
  const { port, messages, count } = await start({ limits: { connectionsMax: 2 } });
  const [first] = await Promise.all([open(port), open(port)]);
  const third = await open(port);
  await once(third, "close");
  expect(count(refusedTotal, { reason: "too_many" })).toBe(1);
  first.destroy();
  await vi.waitFor(() => expect(count("viascope_syslog_connections", {})).toBe(1));
  const fourth = await open(port);
  fourth.write("<1>ok\n");
  await vi.waitFor(() => expect(messages).toEqual(["<1>ok"]));
});

it("lets TCP senders wait while there is no room, and loses nothing; over UDP it counts what it cannot take", async () => {
  const { port, messages, count, state } = await start();
  state.isFull = true;
  await datagram(port, "<1>lost");
  await vi.waitFor(() => expect(count(messagesTotal, { outcome: "no_room" })).toBe(1));
  const socket = await open(port);
  const lines = Array.from({ length: 20_000 }, (_, number) => `<1>${number}`);
  socket.write(`${lines.join("\n")}\n`);
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  expect(messages).toEqual([]);
  state.isFull = false;
  state.room.resolve();
  await vi.waitFor(() => expect(messages).toHaveLength(lines.length), { timeout: 5_000 });
  expect(messages).toEqual(lines);
});

it("cuts a connection whose framing is none", async () => {
  const { port, count } = await start();
  const socket = await open(port);
  socket.write("99999999999 <1>x");
  await once(socket, "close");
  expect(count(refusedTotal, { reason: "framing" })).toBe(1);
});

it.skipIf(!existsSync("/proc/net/udp"))(
  "tells how many datagrams the system threw away as our buffer was full",
  async () => {
    const { port, count } = await start();
    const socket = createSocket("udp4");
    ends.push(() => void socket.close());
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    // In one go, so that nobody reads between: more than any buffer that the system grants.
    const text = "x".repeat(60_000);
    for (let sent = 0; sent < 2_000; sent += 1) socket.send(text);
    await vi.waitFor(() => expect(count("viascope_syslog_udp_lost", {})).toBeGreaterThan(0), {
      timeout: 5_000,
    });
  },
);
