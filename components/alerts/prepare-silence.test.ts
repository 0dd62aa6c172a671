import { expect, it } from "vitest";

import type { Silence } from "#lib/contract/silences.ts";

import { newSpan, spanDraftOf, spanOfDraft } from "./prepare-silence.ts";

const nowMs = Date.parse("2026-01-01T12:00:00Z");
const toInput = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 16);
const fromInput = (text: string) => {
  const timeMs = Date.parse(`${text}Z`);
  return Number.isNaN(timeMs) ? null : timeMs;
};
const at = (text: string) => Date.parse(`2026-01-01T${text}Z`);

it.each([
  ["two hours from now", newSpan, [at("12:00"), at("14:00")]],
  ["later", { starts: "2026-01-01T20:00", lasts: 1_800 }, [at("20:00"), at("20:30")]],
  ["until a time", { starts: null, lasts: "2026-01-01T13:15" }, [at("12:00"), at("13:15")]],
] as const)("holds %s", (_name, draft, [startsMs, endsMs]) => {
  const span = spanOfDraft(draft, fromInput, { nowMs, begunMs: null });
  expect(span).toEqual({ startsMs, endsMs });
});

it.each([
  ["an end that is past", { starts: "2026-01-01T09:00", lasts: 3_600 }, "ended"],
  [
    "an end before its start",
    { starts: "2026-01-01T20:00", lasts: "2026-01-01T19:00" },
    "reversed",
  ],
  ["no start", { starts: "", lasts: 3_600 }, "unreadable"],
  ["no end", { starts: null, lasts: "" }, "unreadable"],
] as const)("refuses %s", (_name, draft, problem) => {
  expect(spanOfDraft(draft, fromInput, { nowMs, begunMs: null })).toBe(problem);
});

it.each(["active", "pending"] as const)(
  "keeps the times of an %s silence that is changed",
  (state) => {
    const [startsAt, endsAt] =
      state === "active"
        ? ["2026-01-01T11:30:00.000Z", "2026-01-01T13:00:00.000Z"]
        : ["2026-01-01T18:00:00.000Z", "2026-01-01T19:00:00.000Z"];
    const silence: Silence = {
      id: "s",
      matchers: [],
      startsAt,
      endsAt,
      author: "a",
      reason: "r",
      state,
    };
    const span = spanOfDraft(spanDraftOf(silence, toInput), fromInput, {
      nowMs,
      begunMs: state === "active" ? Date.parse(startsAt) : null,
    });
    expect(span).toEqual({ startsMs: Date.parse(startsAt), endsMs: Date.parse(endsAt) });
  },
);
