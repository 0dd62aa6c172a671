import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { exchangesQuery } from "#lib/contract/exchanges.ts";
import { newSlo } from "#lib/contract/slos.ts";
import { sloIndicators } from "#lib/core/slo-definition.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/objectives.md"), "utf8");
const bodies = [...text.matchAll(/```json\n(?<json>[\s\S]*?)```/g)].map((match): unknown =>
  JSON.parse(match.groups?.["json"] ?? ""),
);

it("docs/objectives.md shows an objective of every indicator, which is taken as it stands", () => {
  const taken = bodies.map((body) => newSlo.parse(body));
  expect(new Set(taken.map(({ indicator }) => indicator))).toEqual(new Set(sloIndicators));
  expect(taken.map(({ module, upstream, endpoint }) => module ?? upstream ?? endpoint)).toEqual([
    "github.com/acme",
    "zip",
    null,
    "origin.example",
    null,
  ]);
});

it("docs/objectives.md shows a question for exchanges that is taken", () => {
  const address = /'(?<address>\S+exchanges\?\S+)'/.exec(text)?.groups?.["address"] ?? "";
  const search = Object.fromEntries(new URL(address).searchParams);
  expect(exchangesQuery.parse(search)).toMatchObject({
    module: "github.com/acme",
    bad: "availability",
    order: "newest",
  });
});
