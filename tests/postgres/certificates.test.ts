import { createServer, type Server } from "node:tls";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { alertEvent, type AlertEvent } from "#lib/contract/alert-event.ts";
import type { CertificateItem } from "#lib/contract/certificates.ts";
import {
  addCertificate,
  readCertificates,
  checkSoon,
  forgetCertificate,
} from "#lib/run/certificates.ts";
import {
  certificateGuards,
  checkCertificates,
  listCertificates,
  type CertificateChecks,
} from "#lib/run/check-certificates.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";
import { selfSigned } from "#tests/certificates.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";
import { portOf } from "#tests/receiver.ts";

import { sendSpans } from "./send-spans.ts";

const project = 1;
const day = 86_400_000;
const minute = 60_000;

/** A certificate that ends so many days after now. */
function made(days: number) {
  const ends = new Date(Math.floor(Date.now() / 1000) * 1000 + days * day);
  const begins = new Date(ends.getTime() - 365 * day);
  return selfSigned({ commonName: "goproxy", names: ["goproxy.example"], begins, ends });
}

describe("certificates", () => {
  let server: Server;
  let port: number;
  let handshakes: number;
  let test: TestDatabase;
  let nowMs: number;

  beforeAll(async () => {
    server = createServer(made(90), (socket) => socket.on("error", () => socket.destroy()));
    server.on("connection", () => (handshakes += 1));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    port = portOf(server.address());
  });
  afterAll(() => new Promise((done) => server.close(done)));
  beforeEach(async () => {
    test = await testDatabase();
    nowMs = Date.now();
    handshakes = 0;
    server.setSecureContext(made(90));
  });
  afterEach(() => test.drop());

  function checks(changes: Partial<CertificateChecks> = {}): CertificateChecks {
    return {
      db: test.database,
      project,
      targets: [`127.0.0.1:${port}`],
      upstreams: false,
      guardOf: certificateGuards([]),
      random: () => 0.5,
      ...changes,
    };
  }

  async function round(changes: Partial<CertificateChecks> = {}): Promise<number> {
    await listCertificates(checks(changes), nowMs);
    return checkCertificates(checks(changes), nowMs);
  }

  async function items(): Promise<CertificateItem[]> {
    return (await readCertificates(test.database, { project, nowMs })).items;
  }

  async function outbox(): Promise<AlertEvent[]> {
    const answer = await test.database.pool.query<{ payload: unknown }>(
      "SELECT payload FROM notification_outbox ORDER BY id",
    );
    return answer.rows.map(({ payload }) => alertEvent.parse(payload));
  }

  const evaluate = () => new RuleEvaluation(test.database, { project }).evaluate(nowMs);

  it("near their end fire, page when days are left, and resolve when they are renewed", async () => {
    server.setSecureContext(made(10));
    await round();
    await evaluate();
    const name = `127.0.0.1:${port}`;
    expect(await outbox()).toMatchObject([
      {
        ruleKey: "certificate-expiry",
        status: "firing",
        severity: "ticket",
        labels: { alertname: "Certificate ends soon", certificate: name },
        values: [
          { name: "certificate_left", text: "10 d" },
          { name: "certificate_ends", text: utc(10) },
          { name: "issuer", text: "CN=goproxy" },
        ],
      },
    ]);
    const [first] = await outbox();
    expect(first?.annotations["summary"]).toContain(`Certificate ends soon: ${name} (`);
    expect(first?.evidence).toMatchObject([
      { kind: "certificate", title: `The certificate of ${name}, which ends ${utc(10)}` },
    ]);
    expect(first?.labels).not.toHaveProperty("proxy");

    nowMs += 8 * day;
    await round();
    await evaluate();
    expect((await outbox()).slice(1)).toMatchObject([
      { ruleKey: "certificate-ending", status: "firing", severity: "page" },
    ]);

    server.setSecureContext(made(100));
    nowMs += 20 * minute;
    await round();
    await evaluate();
    const ended = (await outbox()).slice(2).map(({ ruleKey, status }) => `${ruleKey} ${status}`);
    expect(ended.toSorted()).toEqual([
      "certificate-ending resolved",
      "certificate-expiry resolved",
    ]);
  });

  it("that ended say so, and fire on", async () => {
    server.setSecureContext(made(-1));
    await round();
    await evaluate();
    expect(await items()).toMatchObject([
      { state: "expired", reason: "certificate_expired", distrust: "it has expired" },
    ]);
    expect((await outbox()).map(({ ruleKey }) => ruleKey).toSorted()).toEqual([
      "certificate-ending",
      "certificate-expiry",
    ]);
  });

  it("that cannot be read any more keep their alert, and are never taken for renewed", async () => {
    server.setSecureContext(made(2));
    await round();
    await evaluate();
    const told = (await outbox()).length;
    expect(told).toBe(2);
    nowMs += 20 * minute;
    await round({ guardOf: () => ({ admit: () => Promise.reject(new Error("no way")) }) });
    await evaluate();
    expect(await items()).toMatchObject([{ state: "failed", problem: "no way" }]);
    expect((await items())[0]?.certificate).not.toBeNull();
    nowMs += 2 * day;
    await evaluate();
    expect(await outbox()).toHaveLength(told);
  });

  it("tell what changed, newest first, and nothing that stayed", async () => {
    await round();
    for (const wait of [20, 40]) {
      nowMs += wait * minute;
      await round();
    }
    expect((await items())[0]?.changes).toHaveLength(1);
    server.setSecureContext(made(200));
    nowMs += 20 * minute;
    await round();
    const [item] = await items();
    expect(item?.changes).toHaveLength(2);
    expect(item?.changes[0]).toMatchObject({ at: new Date(nowMs).toISOString(), problem: null });
    expect(item?.changes[0]?.endsAt).toBe(item?.certificate?.endsAt);
  });

  it("are checked every quarter of an hour, once, however many workers there are", async () => {
    await listCertificates(checks(), nowMs);
    const done = await Promise.all(
      Array.from({ length: 4 }, () => checkCertificates(checks(), nowMs)),
    );
    expect(done.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 1]);
    expect(handshakes).toBe(1);
    nowMs += 14 * minute;
    expect(await checkCertificates(checks(), nowMs)).toBe(0);
    nowMs += 1 * minute;
    expect(await checkCertificates(checks(), nowMs)).toBe(1);
  });

  it("that a worker died over are checked by the next one", async () => {
    await listCertificates(checks(), nowMs);
    const never = { admit: () => new Promise<never>(() => undefined) };
    void checkCertificates(checks({ guardOf: () => never }), nowMs).catch(() => undefined);
    await expect
      .poll(async () => {
        const { rows } = await test.database.pool.query(
          "SELECT lease_until FROM certificate_target",
        );
        return rows[0];
      })
      .not.toEqual({ lease_until: null });
    expect(await checkCertificates(checks(), nowMs)).toBe(0);
    nowMs += minute;
    expect(await checkCertificates(checks(), nowMs)).toBe(1);
    expect(await items()).toMatchObject([{ problem: null }]);
  });

  it("named in a page are checked where the guard lets them, and an operator's setting goes further", async () => {
    const name = `127.0.0.1:${port}`;
    await addCertificate(test.database, project, ` ${name.toUpperCase()} `, nowMs);
    await checkCertificates(checks(), nowMs);
    expect(handshakes).toBe(0);
    expect(await items()).toMatchObject([
      { name, origin: "page", state: "failed", certificate: null },
    ]);
    expect((await items())[0]?.problem).toMatch(/not a public address.*VIASCOPE_PROBE_ALLOW/);
    await checkSoon(test.database, project, name, nowMs);
    await checkCertificates(checks({ guardOf: certificateGuards(["127.0.0.1"]) }), nowMs);
    expect(await items()).toMatchObject([{ state: "invalid", reason: "self_signed" }]);
    await round();
    expect(await items()).toMatchObject([{ name, origin: "setting" }]);
  });

  it("never connect to where machines get their credentials, whoever asks", async () => {
    await round({ targets: ["169.254.169.254", "[fd00:ec2::254]"] });
    for (const { problem } of await items()) expect(problem).toMatch(/hands out credentials/);
    expect(await items()).toHaveLength(2);
  });

  it("of a setting are forgotten an hour after no worker has it any more", async () => {
    await round();
    nowMs += 50 * minute;
    await round({ targets: [] });
    expect(await items()).toHaveLength(1);
    nowMs += 11 * minute;
    await round({ targets: [] });
    expect(await items()).toHaveLength(0);
  });

  it("that somebody added can be removed, those of a setting not", async () => {
    await addCertificate(test.database, project, "b.example", nowMs);
    await listCertificates(checks({ targets: ["a.example"] }), nowMs);
    await expect(forgetCertificate(test.database, project, "a.example:443")).rejects.toThrow(
      /VIASCOPE_CERTIFICATE_TARGETS/,
    );
    await forgetCertificate(test.database, project, "b.example:443");
    await expect(forgetCertificate(test.database, project, "b.example:443")).rejects.toThrow(
      /no such/,
    );
    expect((await items()).map((item) => item.name)).toEqual(["a.example:443"]);
  });

  it.each(["https://a.example", "a b", "a:0"])("refuse %j as a target", async (text) => {
    await expect(addCertificate(test.database, project, text, nowMs)).rejects.toThrow(/host:port/);
  });

  it("of upstreams in the traffic are proposed, and only checked when an operator wants it", async () => {
    const ingest = await openIngest(test.database, { project, metrics: createMetrics() });
    const shared = {
      traceId: "0".repeat(31) + "1",
      startMs: nowMs - 5_000,
      durationMs: 5,
      status: 200,
    };
    await sendSpans(ingest, [
      { ...shared, service: "edge", spanId: "0".repeat(15) + "1", kind: 2 },
      {
        ...shared,
        service: "edge",
        spanId: "0".repeat(15) + "2",
        parent: "0".repeat(15) + "1",
        kind: 3,
        host: "proxy.golang.invalid",
      },
    ]);
    await round({ targets: [] });
    const answer = await readCertificates(test.database, { project, nowMs });
    expect(answer).toMatchObject({ items: [], proposed: ["proxy.golang.invalid:443"] });
    await listCertificates(checks({ targets: [], upstreams: true }), nowMs);
    expect(await readCertificates(test.database, { project, nowMs })).toMatchObject({
      items: [{ name: "proxy.golang.invalid:443", origin: "traffic", state: "pending" }],
      proposed: [],
    });
  });

  function utc(days: number): string {
    const ends = new Date(Math.floor(nowMs / 1000) * 1000 + days * day);
    return `${ends.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  }
});
