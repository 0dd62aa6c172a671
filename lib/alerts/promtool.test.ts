import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { array, constantFrom, record, sample } from "fast-check";
import { describe, expect, it } from "vitest";

import type { AlertMemory } from "#lib/core/alert.ts";

import { transition } from "./transition.ts";

const minute = 60_000;
const groupsWanted = 120;
const promtool = spawnSync("promtool", ["--version"]).status === 0;

interface Case {
  readonly holds: readonly boolean[];
  readonly forMinutes: number;
  readonly keepMinutes: number;
}

const cases: Case[] = sample(
  record({
    // Long stretches and short ones, so that both waiting times are passed and missed.
    holds: array(constantFrom("t", "f", "ttt", "fff", "tttttt", "ffffff"), {
      minLength: 4,
      maxLength: 14,
    }).map((parts) =>
      parts
        .join("")
        .split("")
        .map((letter) => letter === "t"),
    ),
    forMinutes: constantFrom(0, 1, 2, 3, 5),
    keepMinutes: constantFrom(0, 1, 2, 3, 5),
  }),
  { numRuns: groupsWanted, seed: 20261121 },
);

/** The minutes in which our alert fires. */
function firingMinutes({ holds, forMinutes, keepMinutes }: Case): boolean[] {
  let memory: AlertMemory | null = null;
  return holds.map((holding, place) => {
    const verdict = { outcome: holding ? "true" : "false", recovered: null } as const;
    memory = transition(memory, verdict, place * minute, {
      forSeconds: forMinutes * 60,
      keepFiringForSeconds: keepMinutes * 60,
      onNoData: "keep",
      hasRecovery: false,
    }).memory;
    return memory?.state === "firing" || memory?.state === "recovering";
  });
}

function rulesYaml(): string {
  const rules = cases.map(
    ({ forMinutes, keepMinutes }, place) =>
      `  - {alert: A${place}, expr: 's${place} > 0.5', for: ${forMinutes}m, keep_firing_for: ${keepMinutes}m}`,
  );
  return `groups:\n- name: g\n  interval: 1m\n  rules:\n${rules.join("\n")}\n`;
}

/** One test with all series, as each test evaluates all rules. */
function testsYaml(expected: (one: Case) => boolean[]): string {
  const series = cases.map(
    ({ holds }, place) => `  - {series: s${place}, values: '${holds.map(Number).join(" ")}'}`,
  );
  const checks = cases.flatMap((one, place) =>
    expected(one).map((firing, at) => {
      const alerts = firing ? "[{exp_labels: {}}]" : "[]";
      return `  - {eval_time: ${at}m, alertname: A${place}, exp_alerts: ${alerts}}`;
    }),
  );
  const test = `- interval: 1m\n  input_series:\n${series.join("\n")}\n  alert_rule_test:\n${checks.join("\n")}`;
  return `rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n${test}\n`;
}

async function judge(expected: (one: Case) => boolean[]) {
  const folder = await mkdtemp(join(tmpdir(), "viascope-promtool-"));
  try {
    await writeFile(join(folder, "rules.yml"), rulesYaml());
    await writeFile(join(folder, "tests.yml"), testsYaml(expected));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", "tests.yml"], {
      cwd: folder,
      encoding: "utf8",
    });
    return { status, report: `${stdout}${stderr}`.slice(0, 2_000) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.skipIf(!promtool)("promtool (Debian package prometheus)", { timeout: 30_000 }, () => {
  it("fires in the same minutes of random series, whatever the waiting times", async () => {
    expect(await judge(firingMinutes)).toEqual({
      status: 0,
      report: expect.stringContaining("SUCCESS"),
    });
  });

  it("would have told of a single minute of difference", async () => {
    let first = true;
    const wrong = (one: Case): boolean[] => {
      const minutes = firingMinutes(one);
      if (first) minutes[0] = minutes[0] !== true;
      first = false;
      return minutes;
    };
    expect((await judge(wrong)).status).not.toBe(0);
  });
});
