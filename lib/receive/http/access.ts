import { createHash, timingSafeEqual } from "node:crypto";

import { Refusal } from "./refusal.ts";

/** Who sends, as far as access goes. */
export interface Sender {
  readonly authorization: string | undefined;
  readonly origin: string | string[] | undefined;
  readonly remoteAddress: string | undefined;
}

/** Throws a Refusal unless the sender may write: it has the token or, where none is set, is on this machine. */
export function checkAccess(sender: Sender, token: string | null): void {
  if (token === null) {
    checkLocal(sender);
    return;
  }
  const given = /^Bearer +(?<token>\S+) *$/i.exec(sender.authorization ?? "")?.groups;
  if (given === undefined || !sameSecret(given["token"] ?? "", token)) {
    throw new Refusal(401, "token", "Send the ingest token as `Authorization: Bearer <token>`.");
  }
}

/** Compares digests, so that neither the time nor the length tells anything of the token. */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function checkLocal(sender: Sender): void {
  if (!isLoopback(sender.remoteAddress)) {
    throw new Refusal(
      403,
      "not_local",
      "Without VIASCOPE_INGEST_TOKEN only senders on this machine may write; set it and send it.",
    );
  }
  // A page in somebody's browser reaches loopback too, and text/plain needs no preflight.
  if (sender.origin !== undefined) {
    throw new Refusal(403, "browser", "Browsers may not write here.");
  }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
