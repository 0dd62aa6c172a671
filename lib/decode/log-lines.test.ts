import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "./access-log.ts";
import { joinedLines, LineJoiner, wholeLinesOf } from "./log-lines.ts";

const time = "2026-11-20T22:09:04.123456789Z";
const cri = (tag: string, text: string, stream = "stdout") => `${time} ${stream} ${tag} ${text}`;
const docker = (log: string, stream = "stdout") => JSON.stringify({ log, stream, time });
/** As docker cuts them: where its buffer of 16 KiB is full. */
const full = "x".repeat(16_384);

describe("joins the pieces of a line in the place of the last one, so that every line keeps its number,", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      "that CRI cut",
      ["a", cri("P", "one "), cri("P", "two "), cri("F", "three"), "b"],
      ["a", "", "", cri("F", "one two three"), "b"],
    ],
    [
      "that CRI cut while the other stream was written",
      [cri("P", "a"), cri("P", "1", "stderr"), cri("F", "b"), cri("F", "2", "stderr")],
      ["", "", cri("F", "ab"), cri("F", "12", "stderr")],
    ],
    [
      "that docker cut",
      ["a", docker(full), docker(full), docker("end\n"), docker("b\n")],
      ["a", "", "", docker(`${full}${full}end\n`), docker("b\n")],
    ],
    [
      "that docker cut while the other stream was written",
      [docker(full), docker("error\n", "stderr"), docker("end\n")],
      ["", docker("error\n", "stderr"), docker(`${full}end\n`)],
    ],
    [
      "that docker cut inside of a character",
      [docker(`${"ö".repeat(8_191)}a\uFFFD`), docker("\uFFFDb\n")],
      ["", docker(`${"ö".repeat(8_191)}a\uFFFD\uFFFDb\n`)],
    ],
    [
      "also the last words of a container behind them",
      [docker(full), docker("last"), docker("first\n")],
      ["", docker(`${full}last`), docker("first\n")],
    ],
    [
      "as far as they go where their end is missing",
      [cri("P", "a"), cri("P", "b"), docker(full, "stderr"), "c"],
      ["", cri("F", "ab"), docker(full, "stderr"), "c"],
    ],
  ])("%s", (_, lines, joined) => {
    expect(joinedLines(lines)).toEqual(joined);
  });
});

it.each<[string, string]>([
  ["a whole line of CRI", cri("F", "one")],
  ["a whole line of docker", docker("one\n")],
  ["a whole line of docker that fills its buffer", docker(`${full}\n`)],
  ["the last words of a container", docker("one")],
  ["a JSON of its own", '{"log":5}'],
  ["a JSON that is cut", `{"log":"${full}`],
  ["any other", "GET / 200"],
  ["nothing", ""],
])("leaves alone %s", (_, line) => {
  expect(joinedLines([line, line])).toEqual([line, line]);
});

it("joins without growing for ever", () => {
  const piece = cri("P", "x".repeat(600_000));
  const joined = joinedLines([piece, piece, piece]).map(({ length }) => length);
  const around = cri("F", "").length;
  expect(joined).toEqual([0, 1_200_000 + around, 600_000 + around]);
});

it("gives a request whose line docker cut, to its last field", () => {
  const path = `/a?${"b".repeat(20_000)}`;
  const line = `192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET ${path} HTTP/1.1" 200 5 "-" "curl/8"\n`;
  const lines = [docker(line.slice(0, 16_384)), docker(line.slice(16_384))];
  const [, joined = ""] = joinedLines(lines);
  expect(accessLogDecoder({ format: "auto", logFormat: null }).decode(joined)).toMatchObject({
    path,
    status: 200,
    userAgent: "curl/8",
    unread: null,
  });
});

it("tells of pieces whose end did not come", () => {
  const joiner = new LineJoiner();
  joiner.next(cri("P", "a"));
  joiner.next("b");
  expect(joiner.rest()).toEqual([{ place: 0, text: cri("F", "a") }]);
});

it.each<[string, readonly string[], number]>([
  ["nothing", [], 0],
  ["whole lines", ["a", cri("F", "b"), docker("c\n")], 3],
  ["a line that goes on", ["a", cri("P", "b")], 1],
  [
    "a line that goes on behind one of the other stream",
    ["a", docker(full), docker("c\n", "stderr")],
    1,
  ],
  ["a line that ended", ["a", docker(full), docker("b\n")], 3],
  ["two lines that go on", ["a", docker(full, "stderr"), docker(full)], 1],
  [
    "a line whose writer is gone",
    [docker(full), ...Array.from({ length: 64 }, () => docker("a\n", "stderr"))],
    65,
  ],
  [
    "a line whose writer may come back",
    [docker(full), ...Array.from({ length: 63 }, () => docker("a\n", "stderr"))],
    0,
  ],
])("of %s counts those that need not wait", (_, lines, count) => {
  expect(wholeLinesOf(lines)).toBe(count);
});
