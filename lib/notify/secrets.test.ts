import { randomBytes } from "node:crypto";

import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";

import { dingtalkSign } from "./channels/dingtalk/dingtalk.ts";
import { feishuSign } from "./channels/feishu/feishu.ts";
import { redactor, shownUrl } from "./redact.ts";
import { seal, unseal } from "./seal.ts";
import { newSigningSecret, rotated, signatureHeaders } from "./signature.ts";

const [key, other] = [randomBytes(32), randomBytes(32)];

describe("sealed secrets", () => {
  const sealed = seal([key], "channel 1", "hush");

  it("open with the key and the place they were sealed for", () => {
    expect(unseal([other, key], "channel 1", sealed)).toBe("hush");
    expect(sealed.includes("hush")).toBe(false);
  });

  it.each([
    ["another place", () => unseal([key], "channel 2", sealed), /changed/],
    ["another key", () => unseal([other], "channel 1", sealed), /another VIASCOPE_SECRET_KEY/],
    ["a changed byte", () => unseal([key], "channel 1", flipped(sealed)), /changed/],
    ["a cut end", () => unseal([key], "channel 1", sealed.subarray(0, 30)), /changed|Invalid/],
    ["nothing", () => unseal([key], "channel 1", Buffer.alloc(0)), /another/],
  ])("do not open with %s", (_name, open, problem) => {
    expect(open).toThrow(problem);
  });

  it("never look the same twice", () => {
    expect(seal([key], "x", "hush").equals(seal([key], "x", "hush"))).toBe(false);
  });
});

describe("redaction", () => {
  const redact = redactor({
    url: "https://hooks.example.com/services/T0/B0/verysecretpath?key=abc%20defghi",
    token: 'to"ken',
  });

  it.each([
    "POST https://hooks.example.com/services/T0/B0/verysecretpath?key=abc%20defghi failed",
    "path /services/T0/B0/verysecretpath?key=abc%20defghi",
    "verysecretpath",
    'to"ken',
    String.raw`{"t":"to\"ken"}`,
    "abc defghi",
  ])("takes the secret out of %s", (text) => {
    expect(redact(text)).toContain("[redacted]");
    expect(redact(text)).not.toMatch(/verysecret|ken"|abc.def/);
  });

  it("shows of an address only where it leads", () => {
    expect(shownUrl("https://hooks.example.com:8443/a/b?c=d")).toBe(
      "https://hooks.example.com:8443/…",
    );
    expect(shownUrl("nonsense")).toBe("[redacted]");
  });
});

describe("signatures", () => {
  it("are those of Feishu and DingTalk", () => {
    expect(feishuSign(1_700_000_000, "SEC000test")).toBe(
      "VJoDIs2fdNFeN6NS/KG4L8NIxm+bN/FYQRhY2lP3Mf8=",
    );
    expect(dingtalkSign(1_700_000_000_000, "SEC000test")).toBe(
      "1hLl2KkRX3rps9FaitIUwaac+CtAFEaP345jvdrTL7c=",
    );
  });

  it("verify with each secret that is in force, and with no other", () => {
    const nowMs = Date.now();
    const [first, second, third] = [1, 2, 3].map((fill) =>
      newSigningSecret(Buffer.alloc(32, fill)),
    );
    const before = [
      { secret: String(first), endsAtMs: nowMs - 1 },
      { secret: String(second), endsAtMs: null },
    ];
    const secrets = rotated(before, String(third), nowMs, 60_000);
    const headers = signatureHeaders(secrets, "msg_1", nowMs, "{}");
    const verifies = (secret: string | undefined) => {
      try {
        new Webhook(String(secret)).verify("{}", headers);
        return true;
      } catch {
        return false;
      }
    };
    expect([first, second, third].map(verifies)).toEqual([false, true, true]);
    expect(secrets.map(({ endsAtMs }) => endsAtMs)).toEqual([null, nowMs + 60_000]);
    expect(rotated(before, "x", nowMs, 0).map(({ secret }) => secret)).toEqual(["x"]);
  });
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}
