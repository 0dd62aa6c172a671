import { describe, expect, it } from "vitest";

import { mayBeRequest, requestNamedBy } from "./named-request.ts";

const nginx =
  '2026/11/20 22:09:04 [error] 12#12: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.9, server: go, request: "GET /rsc.io/quote/@v/list?a=b HTTP/1.1", upstream: "http://127.0.0.1:1/x", host: "go"';
const caddy =
  '{"level":"error","ts":1795212544.1,"logger":"http.log.error","msg":"dial tcp: refused","request":{"remote_ip":"10.0.0.9","remote_port":"4711","client_ip":"10.0.0.8","proto":"HTTP/1.1","method":"GET","host":"go","uri":"/rsc.io/quote/@v/list","headers":{"Accept":["*/*"]}},"duration":0.1}';

describe("a line names a request", () => {
  it.each([
    ["nginx's error log", nginx, "GET", "/rsc.io/quote/@v/list?a=b", "10.0.0.9"],
    ["Caddy's error log", caddy, "GET", "/rsc.io/quote/@v/list", "10.0.0.8"],
    ["an absolute target", '[error] "GET http://go.example/a HTTP/1.1" failed', "GET", "/a", null],
  ])("%s", (_, text, method, path, client) => {
    expect(requestNamedBy(text)).toEqual({ method, path, client });
  });

  it.each([
    ["nothing", ""],
    ["no request", "2026/11/20 22:09:04 [warn] 12#12: low on connections"],
    ["a CONNECT", '"CONNECT go.example:443 HTTP/1.1" refused'],
    ["a request without a path", '{"request":{"method":"GET","uri":""}}'],
    ["a broken object", '{"request":{"method":"GET"'],
  ])("but not where there is %s", (_, text) => {
    expect(requestNamedBy(text)).toBeNull();
  });
});

describe("an exchange may be the request", () => {
  const named = { method: "GET", path: "/a", client: "10.0.0.9" };
  it.each([
    ["of the same method, path and client", { method: "GET", path: "/a" }, "10.0.0.9 GET /a", true],
    [
      "whose record has the path as it was written",
      { method: "GET", path: "/ä" },
      "10.0.0.9 /a",
      true,
    ],
    ["but not of another client", { method: "GET", path: "/a" }, "10.0.0.1 GET /a", false],
    ["but not of another method", { method: "HEAD", path: "/a" }, "10.0.0.9 /a", false],
    ["but not of another path", { method: "GET", path: "/b" }, "10.0.0.9 /b", false],
  ])("%s", (_, exchange, raw, expected) => {
    expect(mayBeRequest(named, exchange, raw)).toBe(expected);
  });
});
