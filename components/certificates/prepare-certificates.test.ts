import { expect, it } from "vitest";

import type { CertificateItem } from "#lib/contract/certificates.ts";

import { daysLeft, findCertificates } from "./prepare-certificates.ts";

const nowMs = Date.parse("2026-11-21T12:00:00Z");

it.each([
  ["2026-11-22T12:00:00Z", 1],
  ["2026-11-22T11:59:59Z", 0],
  ["2026-11-21T11:59:59Z", -1],
  ["2026-11-20T11:59:59Z", -2],
])("a certificate that ends at %s has %i whole days", (endsAt, days) => {
  expect(daysLeft(endsAt, nowMs)).toBe(days);
});

const item = (name: string, certificate: CertificateItem["certificate"]): CertificateItem => ({
  name,
  origin: "page",
  state: "valid",
  checkedAt: null,
  nextCheckAt: "2026-11-21T12:00:00Z",
  problem: null,
  distrust: null,
  reason: null,
  certificate,
  seenAt: null,
  changes: [],
});

it("finds certificates by server, name and issuer, whatever the case", () => {
  const read = {
    subject: "CN=a",
    issuer: "CN=Corp CA",
    names: ["goproxy.example"],
    beginsAt: "2026-11-21T12:00:00Z",
    endsAt: "2026-11-21T12:00:00Z",
    fingerprint: "",
  };
  const items = [item("a.example:443", read), item("b.example:443", null)];
  const found = (text: string) => findCertificates(items, text).map(({ name }) => name);
  expect(found(" ")).toEqual(["a.example:443", "b.example:443"]);
  expect(found("B.EX")).toEqual(["b.example:443"]);
  expect(found("corp ca")).toEqual(["a.example:443"]);
  expect(found("goproxy")).toEqual(["a.example:443"]);
  expect(found("nobody")).toEqual([]);
});
