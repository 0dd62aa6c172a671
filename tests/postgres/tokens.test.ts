import { randomUUID } from "node:crypto";
import { connect } from "node:http2";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import * as token from "#app/api/v1/tokens/[id]/route.ts";
import * as tokens from "#app/api/v1/tokens/route.ts";
import { adoptSettings } from "#lib/config/environment.ts";
import { readSettings } from "#lib/config/settings.ts";
import { problem } from "#lib/contract/problem.ts";
import { tokenItem, tokenMade, tokensAnswer, type TokenChange } from "#lib/contract/tokens.ts";
import { runIngestRole } from "#lib/run/ingest-role.ts";
import type { RunningRole } from "#lib/run/role.ts";
import { forgetEndedTokens } from "#lib/store/tokens.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const noParams = { params: Promise.resolve({}) };
const ours = { "x-viascope-request": "1", host: "localhost:3000" };
const anyPort = { VIASCOPE_OTLP_HTTP_PORT: "0", VIASCOPE_OTLP_GRPC_PORT: "0" };

describe("stored tokens", () => {
  let test: TestDatabase;
  let ingest: RunningRole;

  beforeAll(async () => {
    test = await testDatabase();
    adoptSettings({ DATABASE_URL: test.url });
    ingest = await runIngestRole({
      ...readSettings({ ...anyPort, VIASCOPE_SYSLOG_PORT: "0" }),
      databaseUrl: test.url,
    });
  });
  afterAll(async () => {
    await ingest.stop();
    await test.drop();
  });

  function send(secret: string, lines = 1): Promise<Response> {
    const at = new Date().toISOString();
    const text = `{"time":"${at}","request":"GET /${randomUUID()} HTTP/1.1","status":"200"}\n`;
    const port = ingest.ports["VIASCOPE_OTLP_HTTP_PORT"];
    return fetch(`http://127.0.0.1:${port}/ingest/access-logs?format=nginx&proxy=edge`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
      body: text.repeat(lines),
    });
  }

  it("let a sender in at once, are told of as used, and shut it out within two seconds of their end", async () => {
    const made = await make();
    expect((await send(made.token)).status).toBe(200);
    const used = async () => (await list()).items.find(({ id }) => id === made.item.id);
    await expect.poll(async () => (await used())?.lastUsedAt, { timeout: 9_000 }).not.toBeNull();

    const revoked = await revoke(made.item.id);
    expect(tokenItem.parse(await revoked.json())).toMatchObject({ state: "revoked" });
    await pause(2_000);
    const refused = await send(made.token);
    expect(refused.status).toBe(401);
    expect(problem.parse(await refused.json()).detail).toMatch(/^This ingest token was revoked\./);
  }, 20_000);

  it("are kept as a hash, and told once", async () => {
    const made = await make();
    expect(made.token).toMatch(/^viascope_in_[\w-]{43}$/);
    expect(made.token.startsWith(made.item.hint)).toBe(true);
    const { rows } = await test.database.pool.query<{ row: string }>(
      "SELECT token::text AS row FROM token WHERE id = $1",
      [made.item.id],
    );
    expect(rows[0]?.row).not.toContain(made.token.slice(made.item.hint.length));
    expect(JSON.stringify(await list())).not.toContain(made.token);
  });

  it("end by themselves when they are to", async () => {
    const made = await make({ expiresAt: new Date(Date.now() + 1_500).toISOString() });
    expect((await send(made.token)).status).toBe(200);
    await pause(1_600);
    expect(problem.parse(await (await send(made.token)).json()).detail).toMatch(/has expired/);
    expect((await list()).items.find(({ id }) => id === made.item.id)?.state).toBe("expired");
  });

  it("hold a sender to its records a second, over HTTP and gRPC, and let it go on after the delay", async () => {
    const made = await make({ recordsPerSecond: 10 });
    expect((await send(made.token, 60)).status).toBe(200);
    const refused = await send(made.token);
    expect(refused.status).toBe(429);
    const delay = Number(refused.headers.get("retry-after"));
    expect(delay).toBeGreaterThanOrEqual(1);
    expect(delay).toBeLessThanOrEqual(2);
    const overGrpc = await exportNothing(ingest.ports["VIASCOPE_OTLP_GRPC_PORT"] ?? 0, made.token);
    expect(overGrpc["grpc-status"]).toBe("8");
    const details = Buffer.from(String(overGrpc["grpc-status-details-bin"]), "base64");
    expect(details.toString()).toContain("google.rpc.RetryInfo");
    await pause(delay * 1_000);
    expect((await send(made.token)).status).toBe(200);
  }, 20_000);

  it("are forgotten when they ended long ago", async () => {
    const [kept, gone] = [await make(), await make()];
    await revoke(gone.item.id);
    await forgetEndedTokens(test.database, Date.now() + 1_000);
    const ids = (await list()).items.map(({ id }) => id);
    expect(ids).toContain(kept.item.id);
    expect(ids).not.toContain(gone.item.id);
  });

  it.each<[string, object, number, RegExp]>([
    ["no name", { name: " " }, 400, /`name`/],
    ["no rate", { name: "a", recordsPerSecond: 0 }, 400, /`recordsPerSecond`/],
    ["an end that has passed", { name: "a", expiresAt: "2020-01-01T00:00:00Z" }, 400, /future/],
    ["a use that is none", { name: "a", use: "everything" }, 400, /`use`/],
  ])("are not made with %s", async (_name, body, status, sentence) => {
    const response = await ask(body);
    expect(response.status).toBe(status);
    expect(problem.parse(await response.json()).detail).toMatch(sentence);
  });

  it("in use have names of their own, which are free again when they end", async () => {
    const name = randomUUID();
    const first = tokenMade.parse(await (await ask({ name })).json());
    expect((await ask({ name })).status).toBe(409);
    await revoke(first.item.id);
    expect((await ask({ name })).status).toBe(200);
    expect((await revoke(randomUUID())).status).toBe(404);
  });
});

/** The headers that answer a call with no spans. */
function exportNothing(port: number, secret: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const client = connect(`http://127.0.0.1:${port}`);
    client.on("error", reject);
    const stream = client.request({
      ":method": "POST",
      ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      "content-type": "application/grpc",
      authorization: `Bearer ${secret}`,
    });
    stream.on("response", resolve);
    stream.on("close", () => client.close());
    stream.on("error", reject);
    stream.resume();
    stream.end(Buffer.alloc(5));
  });
}

async function make(change: Omit<TokenChange, "name"> = {}) {
  const response = await ask({ name: randomUUID(), ...change });
  expect(response.status).toBe(200);
  return tokenMade.parse(await response.json());
}

function ask(body: object): Promise<Response> {
  const request = new Request("http://localhost:3000/api/v1/tokens", {
    method: "POST",
    headers: ours,
    body: JSON.stringify(body),
  });
  return tokens.POST(request, noParams);
}

async function revoke(id: string): Promise<Response> {
  const request = new Request(`http://localhost:3000/api/v1/tokens/${id}`, {
    method: "DELETE",
    headers: ours,
  });
  return token.DELETE(request, { params: Promise.resolve({ id }) });
}

async function list() {
  const request = new Request("http://localhost:3000/api/v1/tokens", { headers: ours });
  return tokensAnswer.parse(await (await tokens.GET(request, noParams)).json());
}
