import { describe, expect, it } from "vitest";

import { certificateState, certificateTargetOf, targetOfUpstream } from "./certificate.ts";

describe("the text of a target", () => {
  it.each([
    ["goproxy.example.com", "goproxy.example.com:443", "goproxy.example.com", 443, null],
    ["Goproxy.Example.com:8443", "goproxy.example.com:8443", "goproxy.example.com", 8443, null],
    ["10.0.0.5:8443", "10.0.0.5:8443", "10.0.0.5", 8443, null],
    ["[2001:db8::1]", "[2001:db8::1]:443", "2001:db8::1", 443, null],
    ["a.example@10.0.0.5", "a.example@10.0.0.5:443", "10.0.0.5", 443, "a.example"],
  ])("%s is read as %s", (text, name, host, port, serverName) => {
    expect(certificateTargetOf(text)).toEqual({ name, host, port, serverName });
  });

  it.each([
    "",
    "https://goproxy.example.com",
    "a b",
    "host:0",
    "host:65536",
    "host:",
    "-a",
    "a@",
    "@a",
  ])("%j is refused", (text) => {
    expect(certificateTargetOf(text)).toBeNull();
  });

  it("is read again as what it was written as", () => {
    for (const text of ["a.example@[2001:db8::1]:8443", "goproxy.example.com"]) {
      const target = certificateTargetOf(text);
      expect(certificateTargetOf(target?.name ?? "")).toEqual(target);
    }
  });
});

it.each([
  ["proxy.golang.org", "proxy.golang.org:443"],
  ["proxy.golang.org:443", "proxy.golang.org:443"],
  ["https://goproxy.cn", "goproxy.cn:443"],
  ["artifactory.corp.example:8443", "artifactory.corp.example:8443"],
  ["athens", null],
  ["athens.internal:3000", null],
  ["10.0.0.5:443", null],
  ["http://goproxy.cn", null],
  ["localhost", null],
])("the upstream %s is asked over TLS at %s", (upstream, target) => {
  expect(targetOfUpstream(upstream)).toBe(target);
});

describe("a certificate", () => {
  const day = 86_400_000;
  const nowMs = Date.parse("2026-11-21T00:00:00Z");
  const read = { checkedAtMs: nowMs, problem: null, distrust: null, endsMs: nowMs + 90 * day };
  it.each([
    ["nobody looked at is pending", { ...read, checkedAtMs: null, endsMs: null }, "pending"],
    ["that was read is valid", read, "valid"],
    ["with exactly 14 days left is valid", { ...read, endsMs: nowMs + 14 * day }, "valid"],
    ["with less than 14 days left ends soon", { ...read, endsMs: nowMs + 14 * day - 1 }, "soon"],
    ["whose last moment is now has ended", { ...read, endsMs: nowMs }, "expired"],
    [
      "that ended is not called untrusted for it",
      { ...read, endsMs: nowMs - 1, distrust: "it has expired" },
      "expired",
    ],
    [
      "that is not trusted here, as one of an own authority, still ends soon",
      { ...read, endsMs: nowMs + day, distrust: "its issuer is not known here" },
      "soon",
    ],
    ["that is not trusted is invalid", { ...read, distrust: "it is not for this name" }, "invalid"],
    [
      "that could not be read again failed",
      { ...read, problem: "it refused the connection" },
      "failed",
    ],
  ] as const)("%s", (_name, facts, state) => {
    expect(certificateState(facts, nowMs)).toBe(state);
  });
});
