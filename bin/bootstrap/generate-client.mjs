import { spawnSync } from "node:child_process";

import { checkout, digestOf, isStamped, node24, stamp } from "./checkout.mjs";

const stampFile = "lib/db/generated/.stamp";

/** Generates the Prisma client, by which a test holds the schema, when the schema or Prisma changed. */
export function generateClient() {
  const digest = digestOf([
    "prisma/schema.prisma",
    "prisma.config.ts",
    "node_modules/prisma/package.json",
  ]);
  if (isStamped(stampFile, digest)) return;
  const result = spawnSync(node24, ["node_modules/prisma/build/index.js", "generate"], {
    cwd: checkout,
    encoding: "utf8",
    env: {
      ...process.env,
      // Generating needs no engine, but Prisma downloads one unless it is given some executable.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  });
  if (result.status !== 0)
    throw new Error(`prisma generate failed:\n${result.stdout}${result.stderr}`);
  stamp(stampFile, digest);
}
