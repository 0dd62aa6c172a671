import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

import { expect, it } from "vitest";

import { metricsReader } from "./metrics-reader.ts";

const open = { host: "0.0.0.0", password: "pass:word", ingestToken: "token" };
const knows = (token: string) => Promise.resolve(token === "stored");

it.each([
  ["nothing", undefined, false],
  ["the token", "Bearer token", true],
  ["a wrong token", "Bearer tokem", false],
  ["an empty token", "Bearer ", false],
  ["the password under any name", `Basic ${btoa("prometheus:pass:word")}`, true],
  ["a wrong password", `Basic ${btoa("prometheus:password")}`, false],
  ["the password as a token", "Bearer pass:word", false],
  ["a stored token", "Bearer stored", true],
])("on an open host %s gives %s: %s", async (_name, authorization, allowed) => {
  expect(await metricsReader(open, knows)(requestWith(authorization))).toBe(allowed);
});

it("asks nobody while only this machine can reach it", () => {
  expect(metricsReader({ ...open, host: "127.0.0.1" }, knows)(requestWith(undefined))).toBe(true);
});

function requestWith(authorization: string | undefined): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  if (authorization !== undefined) request.headers.authorization = authorization;
  return request;
}
