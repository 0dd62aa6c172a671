import { describe, expect, it } from "vitest";

import { heldLine } from "#lib/decode/access-record.ts";

import { apacheDecoder } from "./apache.ts";

const at = (module: string, message: string, thread = "10:tid 14"): string =>
  `[Fri Nov 20 22:19:11.513827 2026] [${module}] [pid ${thread}] ${message}`;
const startUs = Date.UTC(2026, 10, 20, 22, 19, 11) * 1000 + 513_827;
const handshake = at(
  "ssl:info",
  "[client 192.0.2.7:5001] AH02008: SSL library error 1 in handshake (server go.example:443)",
);
const library = (text: string): string => at("ssl:info", `SSL Library Error: ${text}`);

describe("tells of handshakes with clients that failed", () => {
  it("by the line behind, of the same thread", () => {
    const decoder = apacheDecoder(null);
    expect(decoder.decode(handshake)).toBe(heldLine);
    expect(
      decoder.decode(
        library("error:0A000102:SSL routines::unsupported protocol").replace(
          "10:tid 14",
          "10:tid 15",
        ),
      ),
    ).toMatch(/tells of no handshake/);
    expect(
      decoder.decode(library("error:0A000102:SSL routines::unsupported protocol")),
    ).toMatchObject({
      startUs,
      client: "192.0.2.7",
      clientTlsReason: "protocol_version",
      method: null,
      status: null,
    });
    expect(decoder.decode(library("error:0A000102:SSL routines::unsupported protocol"))).toMatch(
      /tells of no handshake/,
    );
  });

  it("by the line before, when it was the certificate", () => {
    const decoder = apacheDecoder(null);
    expect(
      decoder.decode(
        at(
          "ssl:info",
          "[client 192.0.2.7:5001] AH02276: Certificate Verification: Error (10): certificate has expired [subject: CN=x]",
        ),
      ),
    ).toBe(heldLine);
    expect(decoder.decode(handshake)).toBe(heldLine);
    expect(
      decoder.decode(library("error:0A000086:SSL routines::certificate verify failed")),
    ).toMatchObject({ clientTlsReason: "certificate_expired" });
  });

  it.each([
    [
      "(70014)End of file found: [client 192.0.2.7:5001] AH02006: SSL handshake stopped: connection was closed",
      "eof",
    ],
    [
      "[client 192.0.2.7:5001] AH01996: SSL handshake failed: HTTP spoken on HTTPS port; trying to send HTML error page",
      "http_request",
    ],
  ])("at once: %s", (message, clientTlsReason) => {
    expect(apacheDecoder(null).decode(at("ssl:info", message))).toMatchObject({
      startUs,
      client: "192.0.2.7",
      clientTlsReason,
    });
  });
});

it.each([
  at("auth_basic:error", "[client 192.0.2.7:5001] AH01618: user sss not found: /"),
  at(
    "proxy:error",
    "(111)Connection refused: AH00957: http: attempt to connect to 127.0.0.1:27009 (*) failed",
  ),
  "[Wed Oct 11 14:32:52 2000] [error] [client 127.0.0.1] client denied by server configuration",
])("refuses a line that tells of none: %s", (line) => {
  expect(apacheDecoder(null).decode(line)).toMatch(/tells of no handshake/);
});
