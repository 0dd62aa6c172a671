import { cookies } from "next/headers";
import { redirect } from "next/navigation";

import { readSettings, type Settings } from "#lib/config/settings.ts";

import { sessionCookie, sessionHolds, sessionKeyOf } from "./session-token.ts";

let known: Settings | null = null;
let key: { readonly password: string; readonly value: Buffer } | null = null;

/** The settings of this web process, read once. */
export function webSettings(): Settings {
  known ??= readSettings();
  return known;
}

/** Whether this installation asks for a password. */
export function passwordAsked(): boolean {
  return webSettings().password !== null;
}

/** The key for the given password; made once, as it is slow to make. */
export function keyFor(password: string): Buffer {
  if (key?.password !== password) key = { password, value: sessionKeyOf(password) };
  return key.value;
}

/** Whether a request with this session cookie may see telemetry. */
export function mayEnter(cookie: string | undefined, nowMs: number): boolean {
  const { password } = webSettings();
  return password === null || sessionHolds(keyFor(password), cookie, nowMs);
}

/** Sends a reader without a session to the login. Every page asks this itself, beside the guard in front of all. */
export async function requireSession(): Promise<void> {
  const jar = await cookies();
  if (!mayEnter(jar.get(sessionCookie)?.value, Date.now())) redirect("/login");
}
