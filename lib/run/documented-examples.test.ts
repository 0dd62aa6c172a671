import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readyMadeRules } from "#lib/rules/ready-made.ts";

import { checkExpression } from "./check-expression.ts";
import { readOpenSlo } from "./openslo.ts";
import { parseRuleFile } from "./rule-files/parse.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/alerting.md"), "utf8");
const [rules = "", openSlo = ""] = [...text.matchAll(/```yaml\n(?<yaml>[\s\S]*?)```/g)].map(
  (match) => match.groups?.["yaml"],
);

describe("docs/alerting.md", () => {
  it("shows a file of rules that is taken", () => {
    expect(parseRuleFile(rules)).toMatchObject([
      { key: "mirror-slow", definition: { forSeconds: 120, onNoData: "keep", minRequests: 20 } },
    ]);
  });

  it("shows an OpenSLO document that is taken", () => {
    expect(readOpenSlo(openSlo)).toMatchObject([
      { key: "zip-latency", definition: { endpoint: "zip", objectivePpm: 990_000 } },
    ]);
  });

  it("tells the conditions of the ready-made rules as they are", () => {
    for (const { key, definition } of readyMadeRules) {
      expect(text).toContain(`| \`${key}\` | \`${definition.when}\``);
    }
  });

  it("shows the answer that a mistake gets", () => {
    const answer = checkExpression("p95_latency_5m > 1.2s and eror_rate_5m > 1%", "proxy");
    expect(text).toContain(`# ${JSON.stringify(answer)}`);
  });
});
