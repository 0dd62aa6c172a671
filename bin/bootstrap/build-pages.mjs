import { spawnSync } from "node:child_process";

import { checkout, digestOf, isStamped, node24, say, stamp } from "./checkout.mjs";

const stampFile = ".next/viascope-build";
const sources = [
  "app",
  "components",
  "lib",
  "messages",
  "public",
  "instrumentation.ts",
  "proxy.ts",
  "next.config.ts",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

/** Builds the pages when their sources changed since the last build. */
export function buildPages() {
  const digest = digestOf(sources, (path) => !/\.test\.tsx?$|\/generated\//.test(path));
  if (isStamped(stampFile, digest)) return;
  say("building the pages; once for every change of the sources …");
  const result = spawnSync(node24, ["node_modules/next/dist/bin/next", "build"], {
    cwd: checkout,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (result.status !== 0) throw new Error(`next build failed:\n${result.stdout}${result.stderr}`);
  stamp(stampFile, digest);
}
