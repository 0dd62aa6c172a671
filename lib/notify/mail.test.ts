import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { targetGuard } from "#lib/guard/target-guard.ts";
import { sampleMessage } from "#tests/notify/sample-message.ts";

import { attempt, type Attempt } from "./attempt.ts";
import { channelKindOf } from "./channels.ts";
import { sender } from "./send-request.ts";

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
}

/** What the server answers to the mail itself. */
let refusal: Error | null;
let mails: Mail[];
let server: SMTPServer;

describe("email", () => {
  beforeEach(async () => {
    refusal = null;
    mails = [];
    server = mailServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
  });
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  );

  it("reaches every recipient, as text and HTML, in one thread per group", async () => {
    expect((await send()).verdict).toEqual({ kind: "delivered" });
    const [mail] = mails;
    expect(mail).toMatchObject({
      from: "viascope@example.com",
      to: ["ann@example.com", "bob@example.com"],
    });
    expect(mail?.content).toMatch(/Subject: \[FIRING:1\] UpstreamErrors/);
    expect(mail?.content).toMatch(
      /Message-ID: <11111111-1111-4111-8111-111111111111@example\.com>/i,
    );
    expect(mail?.content).toMatch(/References: <group-[0-9a-f]{32}@example\.com>/);
    expect(mail?.content).toMatch(/text\/plain[\s\S]*text\/html/);
  });

  it.each([
    ["451 try again later", 451, "retry"],
    ["550 no such mailbox", 550, "rejected"],
  ])("that is answered %s is %s", async (_name, code, verdict) => {
    refusal = Object.assign(new Error("not now"), { responseCode: code });
    expect((await send()).verdict.kind).toBe(verdict);
  });

  it("with a wrong password is rejected, and the password is shown nowhere", async () => {
    const made = await send({ user: "viascope", password: "wrong-password" });
    expect(made.verdict.kind).toBe("rejected");
    expect(JSON.stringify(made)).not.toContain("wrong-password");
  });

  it("is tried again while nobody listens", async () => {
    const port = portOf();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    expect((await send({ port })).verdict).toMatchObject({
      kind: "retry",
      reason: expect.stringMatching(/refused the connection/),
    });
    server = mailServer();
  });

  it("demands TLS where it is told to, and goes nowhere without", async () => {
    expect((await send({ tls: "starttls" })).verdict.kind).not.toBe("delivered");
    expect(mails).toEqual([]);
  });

  it("goes to no private address that the operator did not allow", async () => {
    expect((await send({}, [])).verdict).toMatchObject({
      kind: "rejected",
      reason: expect.stringMatching(/not a public address/),
    });
  });

  it("holds no second header in its subject", async () => {
    await send({}, ["127.0.0.1"], "All well\r\nBcc: eve@example.com");
    expect(mails[0]?.content).toMatch(/^Subject: All well Bcc: eve@example\.com\r?$/m);
    expect(mails[0]?.to).not.toContain("eve@example.com");
  });
});

async function send(
  change: Record<string, unknown> = {},
  allowed: readonly string[] = ["127.0.0.1"],
  title: string | null = null,
): Promise<Attempt> {
  const settings = {
    host: "127.0.0.1",
    port: change["port"] ?? portOf(),
    tls: "none",
    from: "viascope@example.com",
    to: ["ann@example.com", "bob@example.com"],
    ...change,
  };
  const channel = channelKindOf("email")?.open(settings);
  if (channel === undefined || typeof channel === "string") throw new Error(channel);
  const envelope = {
    deliveryId: "11111111-1111-4111-8111-111111111111",
    message: sampleMessage(),
    title,
    body: null,
    nowMs: Date.now(),
    repeatIntervalMs: 1,
    thread: null,
  };
  const options = {
    guard: targetGuard(allowed),
    timeoutMs: 2_000,
    responseBytesMax: 1_000,
    userAgent: "Viascope",
  };
  return attempt(channel, envelope, { password: change["password"] }, sender(options));
}

function mailServer(): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(new Error("wrong user or password")),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const content = Buffer.concat(parts)
          .toString("utf8")
          .replaceAll(/\r\n[ \t]+/g, " ");
        if (refusal === null) {
          const from = mailFrom === false ? "" : mailFrom.address;
          mails.push({ from, to: rcptTo.map(({ address }) => address), content });
        }
        done(refusal);
      });
    },
  });
}

function portOf(): number {
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address.port;
}
