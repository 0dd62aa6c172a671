import { expect, it } from "vitest";

import type { UpstreamSummary } from "#lib/contract/summary.ts";

import { findUpstreams, sortUpstreams } from "./sort-upstreams.ts";

const upstream = (name: string, others: Partial<UpstreamSummary> = {}): UpstreamSummary => ({
  proxy: "athens",
  upstream: name,
  source: "spans",
  attempts: 1_000,
  errors: 0,
  errorRate: 0,
  notFound: 0,
  latencyMsP50: 1,
  latencyMsP95: 1,
  latencyMsP99: 1,
  retries: 0,
  failovers: 0,
  fallbacks: 0,
  tlsFailures: 0,
  statuses: {},
  lastSeen: null,
  ...others,
});
const fast = upstream("fast", { latencyMsP95: 2 });
const slow = upstream("slow", { latencyMsP95: 900 });
const broken = upstream("broken", { errors: 500, errorRate: 0.5, latencyMsP95: null });
const all = [fast, broken, slow];

it.each([
  ["worst", "desc", [broken, slow, fast]],
  ["upstream", "asc", [broken, fast, slow]],
  ["latencyMsP95", "desc", [slow, fast, broken]],
  ["latencyMsP95", "asc", [fast, slow, broken]],
  ["errorRate", "desc", [broken, slow, fast]],
] as const)("by %s %s", (column, direction, order) => {
  expect(sortUpstreams(all, column, direction)).toEqual(order);
});

it.each([
  ["", 3],
  ["SLOW", 1],
  ["athens fast", 1],
  ["athens", 3],
  ["athens nothing", 0],
])("finds by %j", (search, count) => {
  expect(findUpstreams(all, search)).toHaveLength(count);
});
