import type { OutgoingHttpHeaders } from "node:http2";

import { badRequest, retryInfo, rpcCode, rpcStatus } from "../http/dialect.ts";
import type { Refusal } from "../http/refusal.ts";

const unimplemented = 12;
const internal = 13;
/** Headers must stay small, and the message stands in them twice. */
const messageLengthMax = 1_000;

/** The trailers that tell a sender why its call failed, and whether it should try again. */
export function trailersOf(refusal: Refusal): OutgoingHttpHeaders {
  const message = refusal.message.slice(0, messageLengthMax);
  const code = codeOf(refusal);
  const details = detailsOf(refusal, message);
  return {
    "grpc-status": String(code),
    "grpc-message": percentEncoded(message),
    ...(details.length > 0 && {
      "grpc-status-details-bin": rpcStatus(code, message, details).toString("base64"),
    }),
    ...(refusal.reason === "content_encoding" && {
      "grpc-accept-encoding": "identity,gzip,deflate,zstd",
    }),
  };
}

/** Only what gRPC says, as its libraries leave other escapes as they are. */
function percentEncoded(message: string): string {
  return message.toWellFormed().replaceAll(/[^ -$&-~]/gu, encodeURIComponent);
}

function codeOf(refusal: Refusal): number {
  if (refusal.reason === "content_encoding") return unimplemented;
  return refusal.status === 500 ? internal : rpcCode(refusal.status);
}

/** Without RetryInfo a refusal is for good, as for a message that is too large. */
function detailsOf(refusal: Refusal, message: string): Buffer[] {
  if (refusal.retryAfterSeconds !== null) return [retryInfo(refusal.retryAfterSeconds)];
  return refusal.status === 400 ? [badRequest(message)] : [];
}
