import { describe, expect, it } from "vitest";

import { parseRuleFile } from "./parse.ts";

const good = `# what we page on
rules:
  - key: mirror-slow
    name: Mirror slow
    per: upstream
    upstream: "mirror*"
    when: p95_latency_5m > 1.2s and requests_5m >= 20
    recover_when: p95_latency_5m < 900ms
    for: 2m
    keep_firing_for: 5m
    on_no_data: keep
    min_requests: 20
    severity: page
    labels: {team: infra}
    runbook_url: https://wiki.example.com/mirror
  - key: many-429
    name: Many 429
    per: proxy
    when: status_429_5m > 100
    severity: ticket
    enabled: false
`;

it("reads rules as the API has them", () => {
  expect(parseRuleFile(good)).toMatchObject([
    {
      key: "mirror-slow",
      enabled: true,
      definition: {
        name: "Mirror slow",
        upstream: "mirror*",
        forSeconds: 120,
        keepFiringForSeconds: 300,
        recoverWhen: "p95_latency_5m < 900ms",
        minRequests: 20,
        labels: { team: "infra" },
        runbookUrl: "https://wiki.example.com/mirror",
      },
    },
    { key: "many-429", enabled: false, definition: { onNoData: "keep", forSeconds: 0 } },
  ]);
});

describe("a file is refused as a whole, with the line and the reason", () => {
  const rows: { name: string; from: string; to: string; line: number; problem: RegExp }[] = [
    {
      name: "broken YAML",
      from: "  - key: many-429",
      to: "  - key: [many",
      line: 17,
      problem: /no YAML/,
    },
    {
      name: "a misspelled metric",
      from: "status_429_5m",
      to: "satus_429_5m",
      line: 19,
      problem: /`when`: column 1 of it: .*satus_429_5m/,
    },
    {
      name: "a broken recovery",
      from: "p95_latency_5m < 900ms",
      to: "p95_latency_5m <",
      line: 8,
      problem: /`recover_when`: .*too early/,
    },
    { name: "an unknown field", from: "    for: 2m", to: "    fro: 2m", line: 9, problem: /`fro`/ },
    {
      name: "a duration without a unit",
      from: "for: 2m\n",
      to: "for: '2'\n",
      line: 9,
      problem: /`for`: a duration such as/,
    },
    {
      name: "an unknown severity",
      from: "severity: ticket",
      to: "severity: awful",
      line: 20,
      problem: /`severity`/,
    },
    {
      name: "the same key twice",
      from: "key: many-429",
      to: "key: mirror-slow",
      line: 16,
      problem: /stands here twice/,
    },
    {
      name: "a field that is missing",
      from: "    per: proxy\n",
      to: "",
      line: 16,
      problem: /`per`/,
    },
    {
      name: "a label of ours",
      from: "{team: infra}",
      to: "{proxy: infra}",
      line: 14,
      problem: /`labels`.*set by the rule itself/,
    },
    { name: "no rules at all", from: good, to: "- 1\n", line: 1, problem: /./ },
    { name: "an empty file", from: good, to: "", line: 1, problem: /./ },
  ];
  it.each(rows)("$name: line $line", ({ from, to, line, problem }) => {
    const result = parseRuleFile(good.replace(from, to));
    expect(result).toMatchObject({ line, problem: expect.stringMatching(problem) });
  });

  it("and does not unfold a bomb of aliases", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
      .split("")
      .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[at]}`).join(",")}]`)
      .join("\n")}\nrules: *h\n`;
    expect(parseRuleFile(bomb)).toHaveProperty("problem");
  });
});
