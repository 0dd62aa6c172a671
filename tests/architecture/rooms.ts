/** What each room may import. This table is the architecture; nothing else states it. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
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
  "lib/guard": [],
  "lib/notify": ["lib/core", "lib/guard", "lib/telemetry"],
  "lib/probe": ["lib/core", "lib/guard", "lib/telemetry"],
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
  bin: ["lib/config", "lib/run"],
};

/** Rooms that only compute, with the packages that each may use: no node: module, no clock. */
export const pureRooms: Readonly<Record<string, readonly string[]>> = {
  core: ["zod"],
  contract: ["zod"],
  decode: ["zod", "protobufjs"],
  normalize: ["zod"],
  rules: ["zod", "@marcbachmann/cel-js"],
  alerts: ["zod"],
  diagnose: ["zod"],
  goproxy: ["zod"],
};

/** Where SQL may stand. */
export const sqlRooms = ["lib/store", "lib/rollup", "lib/query", "lib/db"];

/** Where the environment may be read; bin/bootstrap runs before lib can be loaded, and hands it on. */
export const environmentRooms = ["lib/config", "bin/bootstrap"];
