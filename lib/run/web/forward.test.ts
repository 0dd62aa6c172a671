import { createServer, request, type IncomingMessage, type Server } from "node:http";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { listen } from "../listen.ts";
import { forwarder } from "./forward.ts";

describe("telemetry sent to the web role", () => {
  let ingest: Server;
  let web: Server;
  let webPort: number;
  let received: { url: string; headers: IncomingMessage["headers"]; body: string }[];

  beforeEach(async () => {
    received = [];
    ingest = createServer((incoming, response) => {
      let body = "";
      incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
      incoming.on("end", () => {
        received.push({ url: incoming.url ?? "", headers: incoming.headers, body });
        response.writeHead(429, { "retry-after": "3", "content-type": "text/x-answer" });
        response.end("from ingest");
      });
    });
    const ingestPort = await listen(ingest, { host: "127.0.0.1", port: 0, variable: "NONE" });
    const forward = forwarder(`http://127.0.0.1:${ingestPort}`);
    web = createServer((incoming, response) => {
      if (!forward.answer(incoming, response)) response.writeHead(404).end("a page");
    });
    web.on("close", () => forward.close());
    webPort = await listen(web, { host: "127.0.0.1", port: 0, variable: "NONE" });
  });
  afterEach(() => {
    for (const server of [web, ingest]) {
      server.close();
      server.closeAllConnections();
    }
  });

  it("reaches ingest as it was sent, and ingest's answer reaches the sender", async () => {
    const answer = await fetch(`http://127.0.0.1:${webPort}/ingest/access-logs?proxy=a%26b`, {
      method: "POST",
      body: "lines",
      headers: { authorization: "Bearer t", "content-type": "text/plain" },
    });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toBe("3");
    expect(answer.headers.get("content-type")).toBe("text/x-answer");
    expect(await answer.text()).toBe("from ingest");
    expect(received).toMatchObject([
      {
        url: "/ingest/access-logs?proxy=a%26b",
        headers: { authorization: "Bearer t", "content-type": "text/plain" },
        body: "lines",
      },
    ]);
  });

  it.each(["/v1/traces", "/v1/logs", "/ingest/access-logs", "/loki/api/v1/push"])(
    "on %s is passed on",
    async (path) => {
      await fetch(`http://127.0.0.1:${webPort}${path}`, { method: "POST", body: "x" });
      expect(received.map((one) => one.url)).toEqual([path]);
    },
  );

  it.each(["/", "/v1", "/v10/traces", "/api/v1/proxies", "/upstreams/v1/x"])(
    "is not what %s means",
    async (path) => {
      expect((await fetch(`http://127.0.0.1:${webPort}${path}`)).status).toBe(404);
      expect(received).toEqual([]);
    },
  );

  it("goes to ingest alone, whatever host an absolute address names", async () => {
    const status = await new Promise((resolve, reject) => {
      const path = "//elsewhere.invalid/v1/traces";
      request({ host: "127.0.0.1", port: webPort, method: "POST", path }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on("error", reject)
        .end("x");
    });
    expect(status).toBe(404);
    expect(received).toEqual([]);
  });

  it("is answered with 503 and a delay while ingest is away", async () => {
    ingest.close();
    ingest.closeAllConnections();
    const answer = await fetch(`http://127.0.0.1:${webPort}/v1/traces`, {
      method: "POST",
      body: "x",
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.json()).toMatchObject({ status: 503 });
  });
});
