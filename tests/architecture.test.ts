import { cruise, type IConfiguration } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { expect, it } from "vitest";

/** What each room may import. This table is the architecture; nothing else states it. */
const rooms: Record<string, string[]> = {
  "lib/core": [],
  "lib/contract": ["lib/core"],
  "lib/config": ["lib/core"],
  "lib/telemetry": ["lib/core", "lib/config"],
  "lib/db": ["lib/core", "lib/config"],
  "lib/receive": ["lib/core", "lib/telemetry"],
  "lib/decode": ["lib/core"],
  "lib/normalize": ["lib/core", "lib/decode"],
  "lib/store": ["lib/core", "lib/db", "lib/telemetry"],
  "lib/rollup": ["lib/core", "lib/db", "lib/telemetry"],
  "lib/query": ["lib/core", "lib/contract", "lib/db", "lib/telemetry"],
  "lib/rules": ["lib/core"],
  "lib/alerts": ["lib/core"],
  "lib/notify": ["lib/core", "lib/telemetry"],
  "lib/probe": ["lib/core", "lib/telemetry"],
  "lib/diagnose": ["lib/core"],
  "lib/goproxy": ["lib/core"],
  "lib/run": ["lib/[^/]+"],
  components: ["lib/core", "lib/contract"],
  app: [
    "components",
    "lib/core",
    "lib/contract",
    "lib/config",
    "lib/query",
    "lib/run",
    "lib/telemetry",
  ],
};
/** Rooms that only compute: no node: module, no package but zod. */
const pure = ["core", "contract", "decode", "normalize", "rules", "alerts", "diagnose", "goproxy"];
const test = "\\.test\\.tsx?$";

const forbidden: IConfiguration["forbidden"] = [
  { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
  { name: "every import resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
  ...Object.entries(rooms).map(([room, allowed]) => ({
    name: `${room} may import only ${allowed.join(", ") || "itself"}`,
    severity: "error" as const,
    from: { path: `^${room}/`, pathNot: test },
    to: {
      path: "^(lib|app|components|e2e|tests)/",
      pathNot: [room, ...allowed].map((path) => `^${path}/`),
    },
  })),
  {
    name: "a room's top files are its doors; its folders are closed",
    severity: "error",
    from: { path: "^(?:lib/)?([^/]+)/" },
    to: { path: "^lib/[^/]+/[^/]+/", pathNot: "^lib/$1/" },
  },
  {
    name: "pure rooms only compute",
    severity: "error",
    from: { path: `^lib/(${pure.join("|")})/`, pathNot: test },
    to: { dependencyTypes: ["core", "npm", "npm-dev"], pathNot: "node_modules/zod/" },
  },
];

const { output } = await cruise(
  ["app", "components", "lib"],
  {
    ruleSet: { forbidden },
    validate: true,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules|/generated/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
  undefined,
  { tsConfig: extractTSConfig("tsconfig.json") },
);
if (typeof output === "string") throw new Error(output);
const { modules, summary } = output;
const ours = modules
  .map((module) => module.source)
  .filter((source) => /^(lib|app|components)\//.test(source));

it("sees the TypeScript sources", () => {
  // When `typescript` resolves to 7.x dependency-cruiser reads no .ts file and reports success.
  expect(ours.length).toBeGreaterThan(15);
});

it("has no file outside a room", () => {
  expect(
    ours.filter((source) => !Object.keys(rooms).some((room) => source.startsWith(`${room}/`))),
  ).toEqual([]);
});

it("keeps every import inside the table", () => {
  expect(summary.violations.map((v) => `${v.from} -> ${v.to}: ${v.rule.name}`)).toEqual([]);
});
