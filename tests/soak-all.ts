import { spawnSync } from "node:child_process";

import { childEnvironment } from "#lib/config/environment.ts";

/** `npm run soak`: the tests of load, loss and hostile input, doing twenty times as much unless told otherwise. */
const factor = childEnvironment({})["VIASCOPE_TEST_SOAK"] ?? "20";
const { status } = spawnSync(
  "vitest",
  ["run", "--project", "unit", "--project", "postgres", "tests/fuzz", "tests/processes"],
  { stdio: "inherit", env: childEnvironment({ VIASCOPE_TEST_SOAK: factor }) },
);
process.exitCode = status ?? 1;
