import { expect, it } from "vitest";

import { tailOptions } from "./options.ts";

const options = (...words: readonly string[]) =>
  tailOptions("/data", ["--proxy", "edge", ...words, "access.log"]);

it("tells the server the zone of times that are written without one", () => {
  const { target } = options("--tz", "Europe/Berlin");
  expect(target.searchParams.get("tz")).toBe("Europe/Berlin");
  expect(options().target.searchParams.get("tz")).toBeNull();
});

it.each([
  [[], "zstd"],
  [["--compression", "gzip"], "gzip"],
  [["--compression", "none"], "none"],
])("takes %j for bodies in %s", (words, compression) => {
  expect(options(...words).compression).toBe(compression);
});

it.each([
  [["--tz", "Mars/Olympus"], '--tz is "Mars/Olympus", but must be a time zone'],
  [["--compression", "lzma"], '--compression is "lzma", but must be zstd or gzip or none.'],
  [["--format", "csv"], '--format is "csv", but must be one of auto,'],
  [["--from", "middle"], '--from is "middle", but must be start or end.'],
  [["--to", "here"], '--to is "here", but must be an address'],
])("refuses %j before it follows anything", (words, sentence) => {
  expect(() => options(...words)).toThrow(sentence);
});
