import type { ModuleEndpoint } from "#lib/core/module-request.ts";

import { escaped, pickAbsentPath, pickModule, sumdbPath } from "./modules.ts";
import type { Random } from "./random.ts";
import type { UpstreamName } from "./upstreams.ts";

/** What a demo client asks the edge for. */
export interface DemoRequest {
  readonly path: string;
  readonly endpoint: ModuleEndpoint;
  readonly exists: boolean;
  readonly isPrivate: boolean;
  /** 0 for the most popular module, up to almost 1. */
  readonly rarity: number;
  /** Of the answer, when there is one. */
  readonly bytes: number;
  /** Who can answer it, in the order they are asked. */
  readonly chain: readonly UpstreamName[];
}

/** The next request of the go commands out there. */
export function pickRequest(random: Random): DemoRequest {
  const endpoint = pickEndpoint(random);
  if (endpoint === "sumdb") return sumdbRequest(random);
  if (random.chance(absentShare)) return absentRequest(random);
  const found = pickModule(random);
  const version = random.pick(found.versions);
  const file = endpoint === "latest" ? "@latest" : `@v/${fileOf(endpoint, version)}`;
  return {
    path: `/${escaped(found.path)}/${file}`,
    endpoint,
    exists: true,
    isPrivate: found.isPrivate,
    rarity: found.rarity,
    bytes: bytesOf(endpoint, random),
    chain: found.isPrivate ? ["git.corp.example"] : mirrorsOf(found.path),
  };
}

const absentShare = 0.035;

/** How often each file of the protocol is asked for, as running sums. */
const shares: readonly (readonly [upTo: number, ModuleEndpoint])[] = [
  [0.27, "mod"],
  [0.52, "info"],
  [0.69, "zip"],
  [0.83, "list"],
  [0.87, "latest"],
  [1, "sumdb"],
];

function pickEndpoint(random: Random): ModuleEndpoint {
  const at = random.next();
  return shares.find(([upTo]) => at < upTo)?.[1] ?? "mod";
}

function fileOf(endpoint: ModuleEndpoint, version: string): string {
  return endpoint === "list" ? "list" : `${escaped(version)}.${endpoint}`;
}

/** Median and spread of the answers' sizes. */
const sizes: Readonly<Record<ModuleEndpoint, readonly [median: number, spread: number]>> = {
  list: [340, 0.7],
  info: [120, 0.15],
  latest: [130, 0.15],
  mod: [900, 0.9],
  zip: [180_000, 1.3],
  sumdb: [1_400, 0.9],
};

function bytesOf(endpoint: ModuleEndpoint, random: Random): number {
  return Math.min(60_000_000, Math.round(random.logNormal(...sizes[endpoint])));
}

function absentRequest(random: Random): DemoRequest {
  const path = pickAbsentPath(random);
  const isPrivate = path.startsWith("git.corp.example/");
  return {
    path: `/${escaped(path)}/@v/list`,
    endpoint: "list",
    exists: false,
    isPrivate,
    rarity: 1,
    bytes: 74,
    chain: isPrivate ? ["git.corp.example"] : mirrorsOf(path),
  };
}

function sumdbRequest(random: Random): DemoRequest {
  return {
    path: sumdbPath(random),
    endpoint: "sumdb",
    exists: true,
    isPrivate: false,
    rarity: 0.3,
    bytes: bytesOf("sumdb", random),
    chain: ["sum.example"],
  };
}

/** Two mirrors share the work: golang.org and what is near it is asked of the second one first. */
function mirrorsOf(path: string): readonly UpstreamName[] {
  return /^(golang\.org|google\.golang\.org|gopkg\.in)\//.test(path)
    ? ["mirror-b.example", "mirror-a.example"]
    : ["mirror-a.example", "mirror-b.example"];
}
