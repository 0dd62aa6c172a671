import { describe, expect, it } from "vitest";

import {
  BlockedTarget,
  isAllowEntry,
  targetGuard,
  targetOf,
  type ResolvedAddress,
} from "#lib/guard/target-guard.ts";
import { startReceiver } from "#tests/receiver.ts";

import { sender } from "./send-request.ts";

const names: Record<string, string[]> = {
  "hooks.example.com": ["93.184.216.34"],
  "mixed.example.com": ["93.184.216.34", "10.0.0.1"],
  "hooks.internal": ["10.1.2.3"],
  "metadata.internal": ["169.254.169.254"],
  localhost: ["127.0.0.1", "::1"],
};
const resolver = (host: string): Promise<ResolvedAddress[]> =>
  Promise.resolve(
    (names[host] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  );

describe("the guard of targets", () => {
  it.each([
    ["https://hooks.example.com/x", [], null],
    ["https://93.184.216.34/x", [], null],
    ["https://[2606:2800:220:1:248:1893:25c8:1946]/x", [], null],
    ["http://hooks.example.com/x", [], /not encrypted/],
    ["https://hooks.example.com:8443/x", [], null],
    ["https://hooks.example.com:22/x", [], /port 22 is not/],
    ["https://localhost/x", [], /127\.0\.0\.1 is not a public/],
    ["https://127.0.0.1/x", [], /not a public/],
    ["https://2130706433/x", [], /127\.0\.0\.1 is not a public/],
    ["https://0x7f.1/x", [], /127\.0\.0\.1 is not a public/],
    ["https://0177.0.0.1/x", [], /127\.0\.0\.1 is not a public/],
    ["https://0.0.0.0/x", [], /not a public/],
    ["https://[::1]/x", [], /not a public/],
    ["https://[::]/x", [], /not a public/],
    ["https://[::ffff:127.0.0.1]/x", [], /not a public/],
    ["https://[64:ff9b::7f00:1]/x", [], /not a public/],
    ["https://[2002:7f00:1::]/x", [], /not a public/],
    ["https://[fc00::1]/x", [], /not a public/],
    ["https://[fe80::1]/x", [], /not a public/],
    ["https://10.0.0.1/x", [], /not a public/],
    ["https://172.16.0.1/x", [], /not a public/],
    ["https://192.168.0.1/x", [], /not a public/],
    ["https://100.64.0.1/x", [], /not a public/],
    ["https://198.18.0.1/x", [], /not a public/],
    ["https://224.0.0.1/x", [], /not a public/],
    ["https://mixed.example.com/x", [], /10\.0\.0\.1 is not a public/],
    ["https://hooks.internal/x", [], /not a public/],
    ["http://hooks.internal:9000/x", ["hooks.internal"], null],
    ["http://hooks.internal./x", ["hooks.internal"], null],
    ["http://hooks.internal:9000/x", ["*.internal"], null],
    ["http://hooks.internal:9000/x", ["10.0.0.0/8"], null],
    ["http://hooks.internal:9000/x", ["10.2.0.0/16"], /not a public/],
    ["http://10.1.2.3/x", ["10.1.2.3"], null],
    ["http://[::ffff:10.1.2.3]/x", ["10.0.0.0/8"], null],
    ["https://mixed.example.com/x", ["10.0.0.0/8"], null],
    ["http://mixed.example.com/x", ["10.0.0.0/8"], /not encrypted/],
    ["https://169.254.169.254/latest", [], /credentials/],
    [
      "http://169.254.169.254/latest",
      ["169.254.0.0/16", "169.254.169.254", "0.0.0.0/0"],
      /credentials/,
    ],
    ["http://metadata.internal/latest", ["*.internal", "0.0.0.0/0"], /credentials/],
    ["http://[fd00:ec2::254]/latest", ["fd00::/8"], /credentials/],
    ["http://[::ffff:169.254.169.254]/latest", ["::/0", "0.0.0.0/0"], /credentials/],
    ["http://[64:ff9b::a9fe:a9fe]/latest", ["::/0"], /credentials/],
    ["http://[2002:a9fe:a9fe::]/latest", ["::/0"], /credentials/],
    ["https://168.63.129.16/x", [], /credentials/],
    ["https://100.100.100.200/x", ["100.64.0.0/10"], /credentials/],
  ])("%s with %j: %s", async (url, allowed, problem) => {
    const admitted = targetGuard(allowed, resolver).admit(targetOf(new URL(url)));
    const outcome = await admitted.then(
      () => "admitted",
      (error: unknown) => (error instanceof BlockedTarget ? error.message : "another error"),
    );
    expect(outcome).toMatch(problem ?? /^admitted$/);
  });

  it("connects to the address it looked at, whatever the name means a moment later", async () => {
    const receiver = await startReceiver();
    let asked = 0;
    const turning = () => {
      asked += 1;
      return Promise.resolve([
        { address: asked === 1 ? "127.0.0.1" : "127.9.9.9", family: 4 as const },
      ]);
    };
    const send = sender({
      guard: targetGuard(["127.0.0.1"], turning),
      timeoutMs: 2_000,
      responseBytesMax: 100,
      userAgent: "test",
    });
    const url = receiver.url.replace("127.0.0.1", "turning.example.com");
    const answer = await send({ kind: "http", method: "POST", url, headers: {}, body: "" });
    await receiver.close();
    expect(answer.kind).toBe("answered");
    expect(asked).toBe(1);
  });

  it.each([
    ["10.0.0.0/8", true],
    ["::1", true],
    ["hooks.internal", true],
    ["*.internal", true],
    ["http://x", false],
    ["*", false],
    ["10.0.0.0/99", false],
  ])("an entry %s is readable: %s", (entry, readable) => {
    expect(isAllowEntry(entry)).toBe(readable);
  });
});
