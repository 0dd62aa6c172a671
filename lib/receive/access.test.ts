import { expect, it } from "vitest";

import { accessBy, tokenHash, type KnownToken, type Sender } from "./access.ts";
import { RateLimit } from "./rate-limit.ts";

const here: Sender = { authorization: undefined, origin: undefined, remoteAddress: "127.0.0.1" };
const elsewhere: Sender = { ...here, remoteAddress: "10.0.0.7" };
const good: KnownToken = {
  id: "one",
  project: 7,
  use: "ingest",
  state: "good",
  records: null,
  bytes: null,
};
const known = new Map<string, KnownToken>([
  [tokenHash("secret-good"), good],
  [tokenHash("secret-revoked"), { ...good, state: "revoked" }],
  [tokenHash("secret-expired"), { ...good, state: "expired" }],
  [tokenHash("secret-reader"), { ...good, use: "metrics" }],
]);
const book = { find: (hash: string) => Promise.resolve(known.get(hash) ?? null) };
const bearer = (token: string, from = elsewhere) => ({
  ...from,
  authorization: `Bearer ${token}`,
});

function outcomeOf(sender: Sender, token: string | null = null): Promise<unknown> {
  const access = accessBy({ token, project: 1, book });
  return access.admit(sender).then(
    (grant) => ({ token: grant.token, project: grant.project, address: grant.address }),
    (error: unknown) => error,
  );
}

it.each<[string, Sender, string | null, object]>([
  ["nothing, from this machine", here, null, { token: null, project: 1, address: "127.0.0.1" }],
  ["nothing, from elsewhere", elsewhere, null, { status: 403, reason: "not_local" }],
  ["nothing, gone already", { ...here, remoteAddress: undefined }, null, { name: "SenderGone" }],
  [
    "a stored token, gone already",
    { ...bearer("secret-good"), remoteAddress: undefined },
    null,
    { name: "SenderGone" },
  ],
  ["nothing, where a token is set", here, "secret-set", { status: 401 }],
  ["the token that is set", bearer("secret-set"), "secret-set", { token: null, project: 1 }],
  [
    "a stored token",
    bearer("secret-good"),
    "secret-set",
    { token: "one", project: 7, address: "10.0.0.7" },
  ],
  ["a stored token, where none is set", bearer("secret-good"), null, { token: "one" }],
  [
    "a revoked token",
    bearer("secret-revoked"),
    null,
    { status: 401, message: expect.stringContaining("was revoked") },
  ],
  ["a revoked token, from this machine", bearer("secret-revoked", here), null, { status: 401 }],
  [
    "an expired token",
    bearer("secret-expired"),
    null,
    { status: 401, message: expect.stringContaining("has expired") },
  ],
  [
    "an unknown token",
    bearer("secret-other"),
    null,
    { status: 401, message: expect.stringContaining("not known") },
  ],
  ["a token for /metrics", bearer("secret-reader"), null, { status: 403, reason: "token_use" }],
  [
    "nothing, through a proxy here that speaks for another machine",
    { ...here, forwardedFor: "203.0.113.9, 127.0.0.1" },
    null,
    { status: 403, reason: "not_local" },
  ],
  [
    "nothing, through a proxy here that speaks for this machine",
    { ...here, forwardedFor: "127.0.0.1" },
    null,
    { token: null },
  ],
  [
    "a token, through a proxy here",
    { ...bearer("secret-good", here), forwardedFor: "203.0.113.9, 127.0.0.1" },
    null,
    { address: "203.0.113.9" },
  ],
])("a sender with %s", async (_name, sender, token, expected) => {
  expect(await outcomeOf(sender, token)).toMatchObject(expected);
});

it.each(["revoked", "expired", "other", "reader"])(
  "%s tokens are not repeated in the refusal",
  async (word) => {
    const outcome = await outcomeOf(bearer(`secret-${word}`));
    expect(outcome).toBeInstanceOf(Error);
    expect(String(outcome)).not.toContain(`secret-${word}`);
  },
);

it("a token for /metrics reads them, one for sending does not", async () => {
  const access = accessBy({ token: null, project: 1, book });
  expect(await access.admit(bearer("secret-reader"), "metrics")).toMatchObject({ token: "one" });
  await expect(access.admit(bearer("secret-good"), "metrics")).rejects.toMatchObject({
    status: 403,
  });
});

it("while tokens cannot be read, senders are told to come back, not to give up", async () => {
  const away = { find: () => Promise.reject(new Error("no database")) };
  const access = accessBy({ token: null, project: 1, book: away });
  const refused = { status: 503, retryAfterSeconds: 1 };
  await expect(access.admit(bearer("secret-good"))).rejects.toMatchObject(refused);
});

it.each(["records", "bytes"] as const)("a limit of %s a second is held", async (unit) => {
  let nowMs = 0;
  const limited = { ...good, [unit]: new RateLimit(10, nowMs) };
  const find = () => Promise.resolve(limited);
  const access = accessBy({ token: null, project: 1, book: { find }, nowMs: () => nowMs });
  const grant = await access.admit(bearer("secret-good"));
  grant.spend(unit === "records" ? 70 : 0, unit === "bytes" ? 70 : 0);
  await expect(access.admit(bearer("secret-good"))).rejects.toMatchObject({
    status: 429,
    retryAfterSeconds: 3,
    message: expect.stringContaining(`10 ${unit} a second`),
  });
  nowMs = 3_000;
  await expect(access.admit(bearer("secret-good"))).resolves.toMatchObject({ token: "one" });
});
