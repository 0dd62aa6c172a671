import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { loadRuleFiles } from "#lib/run/load-rule-files.ts";
import { readRules } from "#lib/run/read-rules.ts";
import { changeRule } from "#lib/run/save-rule.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
let test: TestDatabase;
let folder: string;

beforeAll(async () => {
  test = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), "viascope-rules-"));
});
afterAll(async () => {
  await test.drop();
  await rm(folder, { recursive: true });
});

const ruleText = (key: string, when: string): string =>
  `rules:\n  - key: ${key}\n    name: From a file\n    per: proxy\n    severity: info\n    when: ${when}\n`;
const load = () => loadRuleFiles(test.database, project, folder);
const write = (name: string, text: string) => writeFile(join(folder, name), text);

async function fromFiles() {
  const { items, files } = await readRules(test.database, project);
  return {
    rules: items.filter(({ origin }) => origin === "file").map(({ key, when }) => [key, when]),
    files: files.map(({ path, line, problem }) => [path, line, problem]),
  };
}

it("files come into force when they change, a bad one is refused and the last good one stays", async () => {
  await write("a.yaml", ruleText("mine", "errors_5m > 1"));
  expect(await load()).toMatchObject({ loaded: ["a.yaml"] });
  expect(await load()).toEqual({ loaded: [], refused: [], forgotten: [] });
  expect(await fromFiles()).toEqual({
    rules: [["mine", "errors_5m > 1"]],
    files: [["a.yaml", null, null]],
  });

  await write("a.yaml", ruleText("mine", "erors_5m > 2"));
  expect(await load()).toMatchObject({ refused: ["a.yaml"] });
  const refused = await fromFiles();
  expect(refused.rules).toEqual([["mine", "errors_5m > 1"]]);
  expect(refused.files).toEqual([["a.yaml", 6, expect.stringMatching(/Did you mean `errors_5m`/)]]);

  await write("a.yaml", ruleText("mine", "errors_5m > 2"));
  await load();
  expect(await fromFiles()).toEqual({
    rules: [["mine", "errors_5m > 2"]],
    files: [["a.yaml", null, null]],
  });
});

it("a key that belongs to another rule is refused", async () => {
  await write("b.yml", ruleText("upstream-down", "errors_5m > 2"));
  expect(await load()).toMatchObject({ refused: ["b.yml"] });
  await write("b.yml", ruleText("mine", "errors_5m > 2"));
  expect(await load()).toMatchObject({ refused: ["b.yml"] });
});

it("the page cannot change what stands in a file", async () => {
  const { items } = await readRules(test.database, project);
  const rule = items.find(({ key }) => key === "mine");
  if (rule === undefined) throw new Error("no such rule");
  await expect(
    changeRule(test.database, project, "mine", { definition: rule, enabled: false }),
  ).rejects.toMatchObject({ status: 409 });
});

it("a file that is deleted takes its rules along; a folder that is not there does not", async () => {
  expect(await loadRuleFiles(test.database, project, join(folder, "nowhere"))).toEqual({
    loaded: [],
    refused: [],
    forgotten: [],
  });
  expect((await fromFiles()).rules).toHaveLength(1);
  await rm(join(folder, "a.yaml"));
  expect((await load()).forgotten).toEqual(["a.yaml"]);
  expect((await fromFiles()).rules).toEqual([]);
});
