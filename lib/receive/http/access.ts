import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { Refusal } from "./refusal.ts";

/** Throws a Refusal unless the sender may write: it has the token or, where none is set, is on this machine. */
export function checkAccess(request: IncomingMessage, token: string | null): void {
  if (token === null) {
    checkLocal(request);
    return;
  }
  const given = /^Bearer +(?<token>\S+) *$/i.exec(request.headers.authorization ?? "")?.groups;
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

function checkLocal(request: IncomingMessage): void {
  if (!isLoopback(request.socket.remoteAddress)) {
    throw new Refusal(
      403,
      "not_local",
      "Without VIASCOPE_INGEST_TOKEN only senders on this machine may write; set it and send it.",
    );
  }
  // A page in somebody's browser reaches loopback too, and text/plain needs no preflight.
  if (request.headers.origin !== undefined) {
    throw new Refusal(403, "browser", "Browsers may not write here.");
  }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
