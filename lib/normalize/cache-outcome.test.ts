import { expect, it } from "vitest";

import { cacheOutcomeOf } from "./cache-outcome.ts";

it.each([
  [
    "nginx",
    {
      HIT: "hit",
      MISS: "miss",
      EXPIRED: "expired",
      STALE: "stale",
      UPDATING: "stale",
      REVALIDATED: "revalidated",
      BYPASS: "bypass",
      "-": "none",
      "": "none",
    },
  ],
  [
    "Squid",
    {
      TCP_HIT: "hit",
      TCP_MEM_HIT: "hit",
      TCP_IMS_HIT: "hit",
      TCP_INM_HIT: "hit",
      TCP_NEGATIVE_HIT: "hit",
      UDP_HIT: "hit",
      TCP_REFRESH_UNMODIFIED: "revalidated",
      TCP_REFRESH_HIT: "revalidated",
      TCP_CF_HIT: "hit",
      TCP_REFRESH_FAIL_OLD: "stale",
      TCP_OFFLINE_HIT: "stale",
      TCP_REFRESH_MODIFIED: "expired",
      TCP_REFRESH_MISS: "expired",
      TCP_MISS: "miss",
      TCP_CF_MISS: "miss",
      TCP_MISS_ABORTED: "miss",
      TCP_MISS_TIMEDOUT: "miss",
      TCP_SWAPFAIL_MISS: "miss",
      TCP_REFRESH_FAIL_ERR: "miss",
      TCP_CLIENT_REFRESH_MISS: "bypass",
      TCP_DENIED: "none",
      TCP_TUNNEL: "none",
      TCP_REDIRECT: "none",
      NONE_NONE: "none",
      NONE: "none",
      NONE_NONE_ABORTED: "none",
      "TCP_MISS/200": "miss",
    },
  ],
  [
    "Varnish",
    {
      hit: "hit",
      miss: "miss",
      pass: "bypass",
      hitpass: "bypass",
      hitmiss: "bypass",
      pipe: "bypass",
      synth: "none",
    },
  ],
  [
    "Apache",
    {
      "cache hit": "hit",
      "conditional cache hit: entity refreshed": "revalidated",
      "cache miss: attempting entity save": "miss",
      "cache hit: 503 status; stale content returned": "stale",
      "cache invalidated by POST": "miss",
      "HIT from go.example": "hit",
      "MISS from go.example": "miss",
      "REVALIDATE from go.example": "revalidated",
      "not cached: Query string present but no explicit expiration time": "bypass",
    },
  ],
  ["HAProxy and Envoy", { "<CACHE>": "hit", RFCF: "hit" }],
  ["words nobody knows", { "42": null, "s-maxage": null, TCPISH: null }],
])("knows the words of %s", (_, outcomes) => {
  const words = Object.keys(outcomes);
  expect(Object.fromEntries(words.map((word) => [word, cacheOutcomeOf(word)]))).toEqual(outcomes);
});

it("takes no word for not measured", () => {
  expect(cacheOutcomeOf(null)).toBeNull();
});
