import { expect, it } from "vitest";

import { spanWords } from "./span-words.ts";

it.each([
  [
    "a server says what it was asked for",
    {
      name: "GET",
      kind: "server" as const,
      attributes: { "url.path": "/x/@v/list", "http.response.status_code": 200 },
    },
    { name: "GET", target: "/x/@v/list", status: "200" },
  ],
  [
    "a client says whom it asked for what",
    {
      name: "GET",
      kind: "client" as const,
      attributes: {
        "url.full": "https://proxy.golang.org/x/@v/list?a=b",
        "server.address": "proxy.golang.org",
      },
    },
    { name: "GET", target: "proxy.golang.org /x/@v/list", status: null },
  ],
  [
    "old attribute names do as well",
    {
      name: "HTTP GET",
      kind: "server" as const,
      attributes: { "http.target": "/a", "http.status_code": "404" },
    },
    { name: "HTTP GET", target: "/a", status: "404" },
  ],
  [
    "what the name says is not said twice",
    { name: "GET /a", kind: "server" as const, attributes: { "url.path": "/a" } },
    { name: "GET /a", target: null, status: null },
  ],
  [
    "a failure without a status says its type",
    { name: "dial", kind: "internal" as const, attributes: { "error.type": "timeout" } },
    { name: "dial", target: null, status: "timeout" },
  ],
])("%s", (_, span, words) => {
  expect(spanWords(span)).toEqual(words);
});
