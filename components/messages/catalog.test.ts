import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import en from "./en.json" with { type: "json" };

type Branch = { readonly [key: string]: string | Branch };

const sources = ["app", "components"].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes(".test."))
    .map((path) => readFileSync(join(root, path), "utf8")),
);

function leaves(branch: Branch): string[] {
  return Object.entries(branch).flatMap(([key, value]) =>
    typeof value === "string" ? [key] : leaves(value),
  );
}

it("has no text that no page shows", () => {
  const shown = sources.join("\n");
  // Asked for by a word of the contract, or by a snippet's key.
  const dynamic = [
    "state",
    "source",
    "cause",
    "statusClass",
    "metric",
    "metricReading",
    "meaning",
    "severity",
    "logSeverity",
    "logKind",
    "alertState",
    "deliveryTold",
    "sloWords",
    "sloState",
    "sloIndicator",
    "ruleOrigin",
    "ruleStanding",
    "ruleSubject",
    "certificateState",
    "certificateOrigin",
    "noData",
    "dataKind",
    "refusalReason",
    "storedKind",
  ];
  const unused = Object.entries(en)
    .filter(([area]) => !dynamic.includes(area))
    .flatMap(([area, branch]) => leaves(branch).map((key) => ({ area, key })))
    .filter(({ key }) => !shown.includes(`"${key}"`) && !/^(otel|nginx|curl)Hint$/.test(key));
  expect(unused).toEqual([]);
});

it("has a text for every area that a page asks for", () => {
  const asked = sources.flatMap((text) =>
    [...text.matchAll(/(?:useTranslations|getTranslations)\("(?<area>\w+)"\)/g)].map(
      (match) => match.groups?.["area"] ?? "",
    ),
  );
  expect(asked.filter((area) => !(area in en))).toEqual([]);
});
