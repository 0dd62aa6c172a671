import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fixtureLines } from "#tests/access-log.ts";

import { accessLogDecoder, accessLogFormats, detectFormat } from "./access-log.ts";

const nginxLine =
  '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-" rt=0.012 ua="10.0.0.1:80" us="200" cs=MISS';

it("offers auto first", () => {
  expect(accessLogFormats[0]).toBe("auto");
});

it.each(accessLogFormats)(
  "%s refuses an empty line and a foreign one with a sentence",
  (format) => {
    const decoder = accessLogDecoder({ format, logFormat: null });
    expect(decoder.decode("")).toMatch(/[A-Z].+/);
    expect(decoder.decode("Lorem ipsum dolor sit amet")).toMatch(/[A-Z].+/);
  },
);

it("refuses every line of a format it does not know, and names those it does", () => {
  const decoder = accessLogDecoder({ format: "iis", logFormat: null });
  expect(decoder.decode(nginxLine)).toMatch(/"iis".*auto.*nginx/);
});

describe("auto", () => {
  it("finds the format by the first line that is of one, and keeps it", () => {
    const decoder = accessLogDecoder({ format: "auto", logFormat: null });
    expect(decoder.decode("Lorem ipsum")).toMatch(/no format known/);
    expect(decoder.decode(nginxLine)).toMatchObject({ format: "nginx", durationUs: 12_000 });
    expect(decoder.format).toBe("nginx");
    expect(decoder.decode("Lorem ipsum")).toMatch(/expected/);
    expect(decoder.decode(nginxLine)).toMatchObject({ format: "nginx" });
  });
});

describe("detectFormat", () => {
  it("is surer of a line that only one proxy writes", () => {
    const plain = '1.2.3.4 - - [20/Nov/2026:22:09:04 +0000] "GET / HTTP/1.1" 200 5 "-" "-"';
    expect(detectFormat([nginxLine])).toMatchObject({ format: "nginx", confidence: 0.9 });
    expect(detectFormat([plain]).confidence).toBeLessThan(0.9);
  });

  it("is less sure the fewer lines it understands, and unsure of none", () => {
    expect(detectFormat([nginxLine, "Lorem ipsum"]).confidence).toBeCloseTo(0.45);
    expect(detectFormat(["Lorem ipsum"])).toEqual({
      format: "unknown",
      logFormat: null,
      confidence: 0,
    });
    expect(detectFormat([])).toEqual({ format: "unknown", logFormat: null, confidence: 0 });
  });
});

/** One real line of every format. */
const samples: Readonly<Record<string, string>> = {
  nginx: fixtureLines("nginx-lab/timed.log")[3] ?? "",
  haproxy: fixtureLines("haproxy/lab-haproxy-raw.log")[3] ?? "",
  envoy:
    '[2026-01-24T01:37:00.000Z] "GET /a HTTP/2" 200 - 0 512 30 15 "192.0.2.7" "curl/8" "id" "go.example" "10.42.0.82:8080"',
  traefik:
    '192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET /a HTTP/1.1" 200 414 "-" "curl/8" 500 "go@docker" "http://10.0.0.1:80" 42ms',
  caddy: fixtureLines("caddy/lab-caddy-access.log")[3] ?? "",
  squid: fixtureLines("squid/lab-squid-native.log")[3] ?? "",
  varnish: fixtureLines("varnish/lab-varnish-ncsa.log")[3] ?? "",
  apache: fixtureLines("apache/lab-apache-detail.log")[3] ?? "",
  artifactory: "2026-11-20T22:09:04.123Z|31627ed4a292c0e6|192.0.2.7|a|GET|/x|200|-1|157|24|curl/8",
  nexus:
    '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /x HTTP/1.1" 200 - 1024 12 "curl/8" [qtp1-921]',
  athens:
    '{"time":"2026-11-20T22:09:04Z","level":"INFO","msg":"incoming request","http-method":"GET","http-path":"/x","http-status":"404"}',
  goproxy:
    'time=2026-11-20T22:09:04Z level=ERROR msg="failed to download module version" error="x509: y" target=x',
};

it.each(["0026", "1926", "9026"])("refuses a time of the year %s, which is no proxy's", (year) => {
  const decoder = accessLogDecoder({ format: "athens", logFormat: null });
  const line = samples["athens"]?.replace("2026", year) ?? "";
  expect(decoder.decode(line)).toBe("The time of the line lies outside of the years 1970 to 2255.");
});

describe.each(accessLogFormats.filter((format) => format !== "auto"))("%s", (format) => {
  const sample = samples[format] ?? "";
  const fresh = (): ReturnType<typeof accessLogDecoder> =>
    accessLogDecoder({ format, logFormat: null });

  it("reads its own line, and auto finds it by that line", () => {
    expect(fresh().decode(sample)).toMatchObject({ format });
    expect(accessLogDecoder({ format: "auto", logFormat: null }).decode(sample)).toMatchObject({
      format,
    });
  });

  it("answers any line with a record or a sentence, cut or torn as it may be", () => {
    const decoder = fresh();
    const torn = fc
      .tuple(fc.nat(sample.length), fc.nat(9), fc.string())
      .map(([at, length, junk]) => sample.slice(0, at) + junk + sample.slice(at + length));
    const cut = fc.nat(sample.length).map((at) => sample.slice(0, at));
    const answers = (line: string): boolean => {
      const found = decoder.decode(line);
      return typeof found === "string"
        ? /^[A-Z].*\.$/su.test(found)
        : Number.isSafeInteger(found.startUs);
    };
    const lines = fc.oneof(torn, cut, fc.string({ unit: "binary" }), fc.json());
    expect(() => fc.assert(fc.property(lines, answers), { numRuns: 300 })).not.toThrow();
  });

  it("takes no longer for a line made to take long", () => {
    const patterns = [
      '"',
      "\\",
      '\\"',
      "[",
      "] [",
      " - ",
      "a ",
      "a=",
      'a="',
      '{"a":',
      "|",
      "/",
      ":",
      ", ",
      " : ",
      "\u001B[",
      "0",
      "<1>",
      "A",
      'a="b" ',
      "1.1.1.1, ",
    ];
    const decoder = fresh();
    const begin = process.threadCpuUsage();
    for (const pattern of patterns) {
      const long = pattern.repeat(Math.ceil(60_000 / pattern.length));
      decoder.decode(long);
      decoder.decode(sample.slice(0, sample.length / 2) + long);
      decoder.decode(sample + long);
    }
    // Time of this thread alone, as the machine may be busy with others.
    expect(process.threadCpuUsage(begin).user / 1000).toBeLessThan(3_000);
  }, 60_000);
});
