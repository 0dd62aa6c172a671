import { describe, expect, it } from "vitest";

import { Cursor } from "./cursor.ts";
import { keyGroup, keyNumberOf } from "./known-keys.ts";

function numberOf(key: string): number {
  const bytes = Buffer.from(`:${key}:`);
  return keyNumberOf(new Cursor(bytes), 1, bytes.length - 1);
}

describe("finds a key by its bytes, and none that differs in one of them", () => {
  it.each([
    "peer.service",
    "http.method",
    "host.name",
    "retry.count",
    "server.address",
    "http.request.method",
    "http.request.method_original",
    "http.response.status_code",
    "http.response.header.x-cache",
    "http.response.header.x_cache",
    "http.response.header.x-cache-status",
    "http.response.header.x_cache_status",
    "nginx.upstream_response_time",
  ] as const)("%s", (key) => {
    expect([numberOf(key)]).toEqual(keyGroup(key).keys);
    for (let at = 0; at < key.length; at += 1) {
      expect(numberOf(`${key.slice(0, at)}~${key.slice(at + 1)}`)).toBe(-1);
      expect(numberOf(key.slice(0, at))).not.toBe(numberOf(key));
    }
    expect(numberOf(`${key}~`)).toBe(-1);
  });
});
