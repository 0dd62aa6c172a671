import { expect, it } from "vitest";

import { admissionOf, fromOurPages, returnPath } from "./guard.ts";

const locked = {
  host: "viascope.example.com",
  holdsSession: false,
  passwordAsked: true,
  publicUrl: null,
};
const unlocked = { path: "/", holdsSession: false, passwordAsked: false, publicUrl: null };

it.each([
  ["/", "login"],
  ["/upstreams/proxy.golang.org", "login"],
  ["/api/v1/proxies", "unauthorized"],
  ["/api/v1/demo", "unauthorized"],
  ["/api/healthy", "unauthorized"],
  ["/login/../", "login"],
  ["/_next/image", "login"],
  ["/_next/data/x.json", "login"],
  ["/anything", "login"],
  ["/login", "enter"],
  ["/api/health", "enter"],
  ["/api/ready", "enter"],
  ["/_next/static/chunks/a.js", "enter"],
] as const)("without a session %s leads to %s", (path, admission) => {
  expect(admissionOf({ ...locked, path })).toBe(admission);
});

it("lets a session in", () => {
  expect(admissionOf({ ...locked, path: "/api/v1/proxies", holdsSession: true })).toBe("enter");
});

it.each([
  ["localhost:3000", "enter"],
  ["127.0.0.1:3000", "enter"],
  ["[::1]:3000", "enter"],
  ["viascope.localhost", "enter"],
  ["attacker.example.com:3000", "foreign-host"],
  ["127.0.0.1.attacker.example.com", "foreign-host"],
  [null, "foreign-host"],
] as const)("without a password the host %s gives %s", (host, admission) => {
  expect(admissionOf({ ...unlocked, host })).toBe(admission);
});

it("knows the name it was given for the public", () => {
  const asked = {
    ...unlocked,
    host: "viascope.example.com",
    publicUrl: "https://viascope.example.com",
  };
  expect(admissionOf(asked)).toBe("enter");
});

it.each([
  ["/upstreams?from=now-6h", "/upstreams?from=now-6h"],
  ["//evil.example.com", "/"],
  ["/\\evil.example.com", "/"],
  ["https://evil.example.com", "/"],
  ["/login", "/"],
  ["/a\r\nSet-Cookie: x", "/"],
  [null, "/"],
])("a login that wants %j leads to %s", (wanted, path) => {
  expect(returnPath(wanted)).toBe(path);
});

it.each([
  ["our own page", { origin: "http://localhost:3000", host: "localhost:3000" }, true],
  [
    "our own page behind a proxy",
    { origin: "https://v.example.com", host: "10.0.0.1:3000", "x-forwarded-host": "v.example.com" },
    true,
  ],
  ["a tool without a browser", { host: "localhost:3000" }, true],
  ["another site", { origin: "https://evil.example.com", host: "localhost:3000" }, false],
  ["another site's image", { host: "localhost:3000", "sec-fetch-site": "cross-site" }, false],
  ["a sandboxed page", { origin: "null", host: "localhost:3000" }, false],
])("%s", (_, headers, ours) => {
  expect(fromOurPages(new Headers(headers))).toBe(ours);
});
