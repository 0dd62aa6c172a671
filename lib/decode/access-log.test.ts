import { describe, expect, it } from "vitest";

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
