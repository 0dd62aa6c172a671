import { expect, it } from "vitest";

import { spansOfSameExchanges } from "./same-exchange.ts";

const startUs = 1_795_212_544_000_000;
const logged = { proxy: "edge", startUs, method: "GET", path: "/a?b=1", status: 200 };
const attributes: Record<string, string | number> = {
  "http.request.method": "GET",
  "url.path": "/a",
  "http.response.status_code": 200,
};
const server = (spanId: string, afterMs = 0, more: Record<string, string | number> = {}) => ({
  spanId,
  kind: "server" as const,
  service: "edge",
  startNs: `${startUs + afterMs * 1_000}000`,
  attributes: { ...attributes, ...more },
});

it.each<[string, Partial<typeof logged>, ReturnType<typeof server>]>([
  ["of the same request", {}, server("a")],
  ["that began up to five seconds before or after", {}, server("a", -5_000)],
  [
    "in the words of old conventions",
    {},
    {
      ...server("a"),
      attributes: {
        "http.method": "GET",
        "http.url": "https://edge.example/a?x",
        "http.status_code": "200",
      },
    },
  ],
  ["that says nothing of its request", {}, { ...server("a"), attributes: {} }],
])("knows the span %s", (_, more, span) => {
  expect(spansOfSameExchanges([{ ...logged, ...more }], [span])).toEqual(new Map([[0, "a"]]));
});

it.each<
  [string, { readonly service?: string; readonly kind?: "client" }, ReturnType<typeof server>]
>([
  ["of another proxy", { service: "origin" }, server("a")],
  ["of an attempt", { kind: "client" }, server("a")],
  ["of another method", {}, server("a", 0, { "http.request.method": "HEAD" })],
  ["of another path", {}, server("a", 0, { "url.path": "/b" })],
  ["with another status", {}, server("a", 0, { "http.response.status_code": 503 })],
  ["that began at another time", {}, server("a", 5_001)],
])("does not take for it a span %s", (_, more, span) => {
  expect(spansOfSameExchanges([logged], [{ ...span, ...more }]).size).toBe(0);
});

it("gives each span to one exchange, the closest", () => {
  const later = { ...logged, startUs: startUs + 100_000 };
  const pairs = spansOfSameExchanges([logged, later], [server("b", 90), server("a", 20)]);
  expect(pairs).toEqual(
    new Map([
      [1, "b"],
      [0, "a"],
    ]),
  );
  expect(spansOfSameExchanges([logged, later], [server("b", 90)])).toEqual(new Map([[1, "b"]]));
});
