import { expect, it } from "vitest";

import { localeOf } from "./locale.ts";

it.each([
  ["nothing asked", null, null, "en", "en"],
  ["a region of a known language", "en-GB,en;q=0.9", null, "en", "en-GB"],
  ["a language without a catalog", "fr-FR,fr;q=0.9", null, "en", "en"],
  ["the best known one by quality", "fr, en-US;q=0.5, en-AU;q=0.8", null, "en", "en-AU"],
  ["a cookie before the header", "en-US", "en-NZ", "en", "en-NZ"],
  ["refused by quality 0", "en-US;q=0", null, "en", "en"],
  ["nonsense", ";;;,,q=,en-!!", null, "en", "en"],
])("%s", (_, header, cookie, language, locale) => {
  expect(localeOf(header, cookie)).toEqual({ language, locale });
});
