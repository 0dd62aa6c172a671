import { describe, expect, it } from "vitest";

import { refuseOpenDoors } from "./closed-doors.ts";

const everything = ["web", "ingest", "worker"];

describe("a listener that other machines can reach", () => {
  it.each([
    ["0.0.0.0", null, null, everything, /set VIASCOPE_PASSWORD and VIASCOPE_INGEST_TOKEN/],
    ["::", "secret", null, everything, /set VIASCOPE_INGEST_TOKEN as well/],
    ["10.0.0.7", null, "token", everything, /set VIASCOPE_PASSWORD as well/],
    ["0.0.0.0", null, null, ["ingest"], /set VIASCOPE_INGEST_TOKEN as well/],
    ["0.0.0.0", null, null, ["web"], /set VIASCOPE_PASSWORD as well/],
    ["127.0.0.1.example.com", null, null, ["web"], /set VIASCOPE_PASSWORD/],
  ])("on %s is refused without its secrets", (host, password, ingestToken, roles, sentence) => {
    expect(() => refuseOpenDoors({ host, password, ingestToken }, roles)).toThrow(sentence);
  });

  it.each([
    ["127.0.0.1", null, null, everything],
    ["127.8.0.1", null, null, everything],
    ["localhost", null, null, everything],
    ["::1", null, null, everything],
    ["0.0.0.0", "secret", "token", everything],
    ["0.0.0.0", null, "token", ["ingest"]],
    ["0.0.0.0", null, null, ["worker"]],
  ])(
    "on %s is allowed with them, or when it is no such listener",
    (host, password, ingestToken, roles) => {
      expect(() => refuseOpenDoors({ host, password, ingestToken }, roles)).not.toThrow();
    },
  );
});
