import { headers } from "next/headers";

import { webSettings } from "./session.ts";

/** Where telemetry can be sent to, as the reader's browser reached us, and whether a token must come with it. */
export async function ingestAddress(): Promise<{
  readonly origin: string;
  readonly tokenAsked: boolean;
}> {
  const { publicUrl, ingestToken } = webSettings();
  const head = await headers();
  const host = head.get("x-forwarded-host") ?? head.get("host") ?? "localhost:3000";
  const protocol = head.get("x-forwarded-proto")?.split(",")[0] ?? "http";
  return { origin: publicUrl ?? `${protocol}://${host}`, tokenAsked: ingestToken !== null };
}
