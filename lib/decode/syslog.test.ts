import { expect, it } from "vitest";

import { syslogSource } from "./syslog.ts";

it.each([
  ["nginx", "<190>Nov 21 05:00:00 edge-1 nginx: x", "edge-1", "nginx"],
  ["nginx without its host", "<190>Nov  1 05:00:00 nginx: x", null, "nginx"],
  ["HAProxy", "<134>Nov 21 05:00:00 haproxy[4711]: x", null, "haproxy"],
  [
    "HAProxy with its host",
    "<134>Nov 21 05:00:00 lb.example haproxy[4711]: x",
    "lb.example",
    "haproxy",
  ],
  [
    "HAProxy in RFC 5424",
    "<134>1 2026-11-21T05:00:00.1+00:00 lb haproxy 4711 - - x",
    "lb",
    "haproxy",
  ],
  ["RFC 5424 without names", "<134>1 2026-11-21T05:00:00Z - - - - - x", null, null],
  ["an ISO date", "<134>2026-11-21T05:00:00+00:00 lb squid[1]: x", "lb", "squid"],
  ["no header", '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET / HTTP/1.1" 200 5', null, null],
  ["nothing", "", null, null],
])("reads who sent a message of %s", (_, message, host, app) => {
  expect(syslogSource(message)).toEqual({ host, app });
});
