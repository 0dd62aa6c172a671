import { expect, it } from "vitest";

import {
  newSession,
  sameText,
  sessionHolds,
  sessionKeyOf,
  sessionSecondsMax,
} from "./session-token.ts";

const key = sessionKeyOf("correct horse");
const now = Date.UTC(2026, 10, 21);
const session = newSession(key, now);

it("holds for a week and no longer", () => {
  expect(sessionHolds(key, session, now)).toBe(true);
  expect(sessionHolds(key, session, now + (sessionSecondsMax - 1) * 1_000)).toBe(true);
  expect(sessionHolds(key, session, now + (sessionSecondsMax + 1) * 1_000)).toBe(false);
});

it.each([
  ["no cookie", undefined],
  ["an empty one", ""],
  ["nonsense", "v1.1.2.3"],
  ["another key's", newSession(sessionKeyOf("another"), now)],
  ["a longer life written into it", session.replace(/^v1\.\d+/, "v1.99999999999")],
  ["a cut signature", session.slice(0, -1)],
  ["something behind it", `${session}a`],
])("refuses %s", (_, value) => {
  expect(sessionHolds(key, value, now)).toBe(false);
});

it("ends every session with a new password, and keeps them over a restart", () => {
  expect(sessionHolds(sessionKeyOf("correct horse"), session, now)).toBe(true);
  expect(sessionHolds(sessionKeyOf("correct horse2"), session, now)).toBe(false);
});

it.each([
  ["a", "a", true],
  ["a", "b", false],
  ["a", "aa", false],
  ["", "", true],
])("compares %j and %j", (a, b, same) => {
  expect(sameText(a, b)).toBe(same);
});
