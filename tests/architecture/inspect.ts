import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { cruise, type IConfiguration } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

import { environmentRooms, pureRooms, rooms, sqlRooms } from "./rooms.ts";

export interface Inspection {
  /** Sources that were seen. */
  readonly sources: readonly string[];
  /** `file: rule`, or `file -> imported file: rule`. */
  readonly violations: readonly string[];
}

/** Holds a checkout against the table of rooms. */
export async function inspect(checkout: string): Promise<Inspection> {
  const [imports, texts] = await Promise.all([inspectImports(checkout), inspectTexts(checkout)]);
  return { sources: imports.sources, violations: [...imports.violations, ...texts] };
}

const inspected = ["app", "components", "lib", "bin"];
const test = "\\.test\\.tsx?$";

const forbidden: NonNullable<IConfiguration["forbidden"]> = [
  { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
  { name: "every import resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
  ...Object.entries(rooms).map(([room, allowed]) => ({
    name: `${room} may import only ${allowed.join(", ") || "itself"}`,
    severity: "error" as const,
    from: { path: `^${room}/`, pathNot: test },
    to: {
      path: "^(lib|app|components|bin|bench|e2e|tests)/",
      pathNot: [room, ...allowed].map((path) => `^${path}/`),
    },
  })),
  {
    name: "a room's top files are its doors; its folders are closed",
    severity: "error",
    from: { path: "^(?:lib/)?([^/]+)/" },
    to: { path: "^lib/[^/]+/[^/]+/", pathNot: "^lib/$1/" },
  },
  ...Object.entries(pureRooms).map(([room, packages]) => ({
    name: `${room} only computes: no node: module, no package but ${packages.join(", ")}`,
    severity: "error" as const,
    from: { path: `^lib/${room}/`, pathNot: test },
    to: {
      dependencyTypes: ["core" as const, "npm" as const, "npm-dev" as const],
      pathNot: packages.map((name) => `node_modules/${name}/`),
    },
  })),
];

async function inspectImports(checkout: string): Promise<Inspection> {
  const tsConfig = join(checkout, "tsconfig.json");
  const { output } = await cruise(
    inspected,
    {
      baseDir: checkout,
      ruleSet: { forbidden },
      validate: true,
      tsPreCompilationDeps: true,
      tsConfig: { fileName: tsConfig },
      doNotFollow: { path: "node_modules|/generated/" },
      enhancedResolveOptions: {
        exportsFields: ["exports"],
        conditionNames: ["import", "node", "default", "types"],
      },
    },
    undefined,
    { tsConfig: extractTSConfig(tsConfig) },
  );
  if (typeof output === "string") throw new Error(output);
  const sources = output.modules
    .map((module) => module.source)
    .filter((source) => inspected.includes(source.split("/", 1)[0] ?? ""));
  return {
    sources,
    violations: [
      ...output.summary.violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`),
      ...sources.filter(isHomeless).map((source) => `${source}: every file stands in a room`),
    ],
  };
}

function isHomeless(source: string): boolean {
  return !Object.keys(rooms).some((room) => source.startsWith(`${room}/`));
}

interface TextRule {
  readonly name: string;
  readonly pattern: RegExp;
  applies(path: string): boolean;
}

const textRules: readonly TextRule[] = [
  {
    name: `SQL stands only in ${sqlRooms.join(", ")}`,
    // Statements are written in capitals, from the first word of a string on.
    pattern:
      /["'`]\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|DROP|TRUNCATE|COPY|BEGIN|COMMIT|LOCK|SET LOCAL|LISTEN|NOTIFY)\s/,
    applies: (path) => !isIn(path, sqlRooms),
  },
  {
    name: `the environment is read only in ${environmentRooms.join(", ")}`,
    pattern: /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\[|from "(node:)?process"/,
    applies: (path) => !isIn(path, environmentRooms),
  },
  {
    name: "pure rooms take the time as an argument",
    pattern:
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(|\bset(Timeout|Interval)\(/,
    applies: (path) =>
      isIn(
        path,
        Object.keys(pureRooms).map((room) => `lib/${room}`),
      ),
  },
];

async function inspectTexts(checkout: string): Promise<string[]> {
  const paths = (
    await Promise.all(inspected.map((folder) => sourcesBelow(checkout, folder)))
  ).flat();
  const findings = paths.map(async (path) => {
    const text = await readFile(join(checkout, path), "utf8");
    const broken = textRules.filter((rule) => rule.applies(path) && rule.pattern.test(text));
    return broken.map((rule) => `${path}: ${rule.name}`);
  });
  return (await Promise.all(findings)).flat();
}

async function sourcesBelow(checkout: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(checkout, folder), { recursive: true });
  return entries
    .filter((path) => /\.(tsx?|mjs)$/.test(path) && !/\.test\.tsx?$|(^|\/)generated\//.test(path))
    .map((path) => `${folder}/${path}`);
}

function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
