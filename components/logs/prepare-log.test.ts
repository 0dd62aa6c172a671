import { expect, it } from "vitest";

import { distinctLines, logTone, shownText } from "./prepare-log.ts";

it.each([
  ["unread", null, "warn"],
  ["record", "fatal", "bad"],
  ["record", "error", "bad"],
  ["record", "warn", "warn"],
  ["record", "info", "plain"],
  ["record", "debug", "soft"],
  ["record", null, "soft"],
] as const)("a line that is %s and of severity %s is %s", (kind, severity, tone) => {
  expect(logTone({ kind, severity })).toBe(tone);
});

it("what cannot be seen in a line is written out, and its breaks stay", () => {
  expect(shownText("a\0b\u001B[31m\tc\nd ö 🦊")).toBe("a\\x00b\\x1B[31m\tc\nd ö 🦊");
});

it("a line that two pages hold is shown once, in its first place", () => {
  const pages = [{ items: [{ id: "3" }, { id: "2" }] }, { items: [{ id: "2" }, { id: "1" }] }];
  expect(distinctLines(pages).map(({ id }) => id)).toEqual(["3", "2", "1"]);
});
