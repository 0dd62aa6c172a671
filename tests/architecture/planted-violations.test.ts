import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { inspect, type Inspection } from "./inspect.ts";

/** One file per kind of violation: where it is planted, what stands in it, and what the report must say of it. */
const planted: readonly [path: string, source: string, report: RegExp][] = [
  [
    "lib/core/planted-room.ts",
    'import "../config/start-problem.ts";',
    /lib\/core may import only itself/,
  ],
  [
    "lib/decode/planted-type.ts",
    'import type { Database } from "#lib/db/open.ts"; export type Planted = Database;',
    /lib\/decode may import only lib\/core/,
  ],
  ["lib/receive/planted-stage.ts", 'import "#lib/store/names.ts";', /lib\/receive may import only/],
  ["components/planted-server.ts", 'import "#lib/db/open.ts";', /components may import only/],
  ["app/planted-database.ts", 'import "#lib/db/open.ts";', /app may import only/],
  ["bin/planted-shortcut.ts", 'import "#lib/db/open.ts";', /bin may import only/],
  [
    "lib/run/planted-tests.ts",
    'import "#tests/architecture/rooms.ts";',
    /lib\/run may import only/,
  ],
  ["lib/run/planted-folder.ts", 'import "#lib/db/embedded/account.ts";', /its folders are closed/],
  ["lib/normalize/planted-node.ts", 'import "node:fs";', /normalize only computes/],
  ["lib/contract/planted-package.ts", 'import "pg";', /contract only computes/],
  ["lib/core/planted-protobuf.ts", 'import "protobufjs";', /core only computes/],
  ["lib/store/planted-cycle.ts", 'import "./planted-cycle-back.ts";', /no cycles/],
  ["lib/store/planted-cycle-back.ts", 'import "./planted-cycle.ts";', /no cycles/],
  ["lib/query/planted-broken.ts", 'import "./nowhere.ts";', /every import resolves/],
  ["lib/attic/planted-home.ts", "export const planted = 1;", /every file stands in a room/],
  ["lib/run/planted-sql.ts", "export const planted = `SELECT 1`;", /SQL stands only in/],
  ["app/planted-sql.tsx", 'export const planted = "DELETE FROM block";', /SQL stands only in/],
  ["lib/run/planted-env.ts", "export const planted = process.env;", /environment is read only in/],
  [
    "components/planted-env.ts",
    'import { env } from "node:process"; env;',
    /environment is read only in/,
  ],
  [
    "lib/decode/planted-clock.ts",
    "export const planted = Date.now();",
    /take the time as an argument/,
  ],
];

/** What looks similar and is allowed. */
const allowed: readonly [path: string, source: string][] = [
  ["lib/decode/planted-protobuf.ts", 'import "protobufjs";'],
  ["lib/contract/planted-zod.ts", 'import "zod";'],
  ["lib/store/planted-sql.ts", "export const planted = `SELECT 1`;"],
  ["lib/config/planted-env.ts", "export const planted = process.env;"],
  ["lib/run/planted-rooms.ts", 'import "#lib/db/open.ts"; import "#lib/core/sketch.ts";'],
  ["lib/core/planted.test.ts", 'import "node:fs"; import "#lib/config/start-problem.ts";'],
  ["lib/run/planted-prose.ts", 'export const planted = "SELECTED files";'],
];

describe("in a copy of this checkout", () => {
  let copy: string;
  let inspection: Inspection;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), "viascope-planted-"));
    await copyCheckout(copy);
    for (const [path, source] of [...planted, ...allowed]) {
      await mkdir(dirname(join(copy, path)), { recursive: true });
      await writeFile(join(copy, path), source);
    }
    inspection = await inspect(copy);
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  it.each(planted)("%s is reported", (path, _source, report) => {
    expect(reportsOf(inspection, path).join("\n")).toMatch(report);
  });

  it.each(allowed)("%s is let through", (path) => {
    expect(reportsOf(inspection, path)).toEqual([]);
  });
});

function reportsOf({ violations }: Inspection, path: string): string[] {
  return violations.filter((violation) => violation.includes(path));
}

async function copyCheckout(copy: string): Promise<void> {
  const files = [
    "app",
    "components",
    "lib",
    "bin",
    "tests/architecture",
    "package.json",
    "tsconfig.json",
  ];
  await Promise.all(files.map((path) => cp(path, join(copy, path), { recursive: true })));
  await symlink(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
}
