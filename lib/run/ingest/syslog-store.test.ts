import { expect, it, vi } from "vitest";

import type { AccessLogsResult, Intake } from "#lib/receive/intake.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { SyslogStore } from "./syslog-store.ts";

const stored: AccessLogsResult = {
  kind: "accepted",
  answer: { accepted: 1, rejected: 0, logLines: 0, rejections: [] },
};
const busy: AccessLogsResult = { kind: "busy", retryAfterSeconds: 0.05, message: "full" };

function start(answer: () => Promise<AccessLogsResult>) {
  const asked: { query: string; payload: string; digest: string; address: string }[] = [];
  const accessLogs: Intake["accessLogs"] = (payload, query, { digest, grant }) => {
    const text = Buffer.from(payload).toString();
    asked.push({ query: query.toString(), payload: text, digest, address: grant?.address ?? "" });
    return answer();
  };
  const metrics = createMetrics();
  const store = new SyslogStore({ project: 1, accessLogs, metrics, nowMs: () => 0 });
  const value = (name: string) => metrics.readings().find((one) => one.name === name)?.value;
  return { store, asked, value };
}

const message = (app: string, text: string) =>
  Buffer.from(`<134>1 2026-11-20T22:09:04Z edge ${app} - - - ${text}`);

it("gathers messages by the proxy that sent them, one a line", async () => {
  const { store, asked, value } = start(() => Promise.resolve(stored));
  store.take(message("one", "a\nb\0\n"), "192.0.2.7");
  store.take(message("two", "c"), "192.0.2.7");
  store.take(message("one", "d"), "192.0.2.7");
  store.take(Buffer.from("no header"), "192.0.2.7");
  await store.close(2_000);
  expect(asked.map(({ query }) => query)).toEqual([
    "proxy=one&format=auto&instance=edge",
    "proxy=two&format=auto&instance=edge",
    "proxy=syslog&format=auto",
  ]);
  expect(asked[0]?.payload.split("\n").map((line) => line.split("- - - ")[1])).toEqual([
    "a b",
    "d",
    undefined,
  ]);
  expect(value("viascope_syslog_held_bytes")).toBe(0);
});

it("tells of each address apart that sends in one name", async () => {
  const { store, asked } = start(() => Promise.resolve(stored));
  store.take(message("one", "a"), "192.0.2.7");
  store.take(message("one", "b"), "::ffff:192.0.2.8");
  await store.close(2_000);
  expect(asked.map(({ address }) => address)).toEqual(["192.0.2.7", "192.0.2.8"]);
});

it("tries again what cannot be stored now, as the same request, and stores equal messages as often as they came", async () => {
  let tries = 0;
  const { store, asked } = start(() => {
    tries += 1;
    return tries === 1 ? Promise.resolve(busy) : Promise.resolve(stored);
  });
  store.take(message("one", "same"), "192.0.2.7");
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  store.take(message("one", "same"), "192.0.2.7");
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(asked[1]).toEqual(asked[0]);
  expect(asked[2]?.digest).not.toBe(asked[0]?.digest);
});

it("takes no more than it may hold, tells when there is room, and counts what is lost at the end", async () => {
  const gate = Promise.withResolvers<AccessLogsResult>();
  const { store, value } = start(() => gate.promise);
  const large = message("one", "x".repeat(60_000));
  let taken = 0;
  while (store.take(large, "192.0.2.7")) taken += 1;
  expect(taken * 60_000).toBeGreaterThan(30_000_000);
  expect(taken * 60_000).toBeLessThan(34_000_000);
  await store.close(200);
  expect(value("viascope_syslog_lost_bytes_total")).toBeGreaterThan(30_000_000);
  const room = store.room();
  gate.resolve(stored);
  await room;
  expect(store.take(large, "192.0.2.7")).toBe(true);
});
