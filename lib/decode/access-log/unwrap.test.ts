import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { mutatedText, oneOf, randomOf } from "#tests/fuzz/mutate.ts";

import { ownLineAt, transportTimeUs, unwrapped } from "./unwrap.ts";

const line = '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8"';
const time = "2026-11-20T22:09:04.123456789Z";

describe("takes a line out of what a transport put around it", () => {
  it.each([
    ["nothing", line],
    ["a carriage return", `${line}\r`],
    ["a byte order mark", `\uFEFF${line}`],
    ["colors", `\u001B[32m${line}\u001B[0m`],
    ["docker's JSON", JSON.stringify({ log: `${line}\n`, stream: "stdout", time })],
    ["CRI", `${time} stdout F ${line}`],
    ["CRI with a zone and a tag", `2026-11-20T23:09:04.123+01:00 stderr F:x ${line}`],
    ["compose", `nginx-1  | ${line}`],
    ["compose with times", `nginx-1  | ${time} ${line}`],
    ["RFC 3164", `<134>Nov 20 22:11:19 nginx[21080]: ${line}`],
    ["RFC 3164 with a host", `<134>Nov  6 22:11:19 edge nginx[21080]: ${line}`],
    ["RFC 3164 without a priority", `Nov 20 22:11:19 edge nginx: ${line}`],
    ["syslog with an ISO date", `2026-11-20T22:11:19+00:00 edge nginx[6]: ${line}`],
    ["RFC 5424", `<134>1 2026-11-20T22:11:19.551532+00:00 - nginx 21080 - - ${line}`],
    [
      "RFC 5424 with structured data",
      `<134>1 2026-11-20T22:11:19Z edge nginx - ID1 [a@1 b="c \\] d"][e@1] ${line}`,
    ],
    [
      "RFC 5424 with a byte order mark",
      `<134>1 2026-11-20T22:11:19Z edge nginx - - - \uFEFF${line}`,
    ],
    ["the journal", `edge nginx[2833]: ${line}`],
    ["syslog inside docker", JSON.stringify({ log: `<134>Nov 20 22:11:19 nginx[1]: ${line}\n` })],
  ])("%s", (_, wrapped) => {
    expect(unwrapped(wrapped)).toBe(line);
    expect(accessLogDecoder({ format: "auto", logFormat: null }).decode(wrapped)).toMatchObject({
      status: 200,
      client: "192.0.2.7",
      unread: null,
    });
  });

  it.each([
    ["a virtual host in front", `go.example:443 ${line}`],
    ["Envoy", '[2026-01-24T01:37:00.000Z] "GET /a HTTP/2" 200 - 0 512 30 15'],
    ["Artifactory", "2026-11-20T22:09:04.123Z|31627ed4a292c0e6|192.0.2.7|a|GET|/x|200|-1|157|24|x"],
    ["Athens", "INFO[3:04PM]: incoming request\thttp-method=GET"],
    ["an ISO date in front of fields", "2026-11-20T22:09:04+00:00 200 0.010"],
    ["a JSON of its own", '{"log":5}'],
    ["a JSON that is cut", '{"log":"GET'],
  ])("and leaves alone %s", (_, plain) => {
    expect(unwrapped(plain)).toBe(plain);
  });
});

it.each([
  [`${time} stdout F x`, 1_795_212_544_123_456],
  [JSON.stringify({ log: "x\n", stream: "stdout", time }), 1_795_212_544_123_456],
  [`athens-1  | ${time} x`, 1_795_212_544_123_456],
  ["<134>1 2026-11-20T22:09:04Z edge athens - - - x", 1_795_212_544_000_000],
  ["2026-11-20T23:09:04+01:00 edge athens[6]: x", 1_795_212_544_000_000],
  ["<134>Nov 20 22:11:19 athens[1]: x", null],
  ["athens-1  | x", null],
])("knows when the transport took %j", (wrapped, us) => {
  expect(transportTimeUs(wrapped)).toBe(us);
});

describe("where the proxy's own line begins", () => {
  it.each([
    ["nothing is around it", line, 0],
    ["CRI is around it", `${time} stdout F ${line}`, 40],
    ["CRI is around an error", `${time} stderr F ${line}`, 40],
    ["CRI has a zone", `2026-11-20T23:09:04-01:30 stdout F ${line}`, 35],
  ])("is known where %s", (_, wrapped, at) => {
    expect(ownLineAt(Buffer.from(wrapped), 0)).toBe(at);
  });

  it("is where the text has it, if it is known", () => {
    const random = randomOf(20_261_120);
    for (let round = 0; round < 20_000; round += 1) {
      const before = oneOf(random, prefixes, "") + oneOf(random, ["", "", ...prefixes], "");
      const changed = random(2) > 0 ? before : mutatedText(before, time, random).slice(0, 200);
      const wrapped = `${changed.replaceAll("\u001B", "")}192.0.2.7 - -`;
      const at = ownLineAt(Buffer.from(wrapped), 0);
      const own = unwrapped(wrapped);
      expect(at < 0 ? own : wrapped.slice(at)).toBe(own);
    }
  });
});

const prefixes = [
  `${time} stdout F `,
  `${time} stderr F `,
  "2026-11-20T23:09:04.1+01:00 stdout F ",
  `${time} stdout P `,
  `${time} stdout F:x `,
  "2026-11-20TZ stdout F ",
  "2026-11-20T22:11:19+00:00 edge nginx[6]: ",
  "<134>Nov 20 22:11:19 edge nginx: ",
  "edge-1  | ",
  '{"log":"',
];
