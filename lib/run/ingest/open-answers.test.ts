import { expect, it } from "vitest";

import { OpenAnswers } from "./open-answers.ts";

it("says up to when every request has had its answer", () => {
  const answers = new OpenAnswers();
  expect(answers.answeredBeforeMs(10)).toBe(10);
  const first = answers.begin(20);
  const second = answers.begin(30);
  expect(answers.answeredBeforeMs(40)).toBe(20);
  second();
  expect(answers.answeredBeforeMs(50)).toBe(20);
  answers.begin(60);
  first();
  expect(answers.answeredBeforeMs(70)).toBe(60);
});
