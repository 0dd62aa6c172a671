import { log } from "#lib/telemetry/log.ts";

import { fromOurPages, returnPath } from "../../guard.ts";
import { loginLimit } from "../../login-limit.ts";
import { newSession, sameText, sessionCookie, sessionSecondsMax } from "../../session-token.ts";
import { keyFor, webSettings } from "../../session.ts";
import { problem } from "../problem.ts";

const limit = loginLimit();
const passwordLengthMax = 1_000;

/** Takes the form of the login page; answers with a redirect, so that it works without scripts. */
export async function POST(request: Request): Promise<Response> {
  const { password, publicUrl } = webSettings();
  if (password === null) return seeOther("/");
  if (!fromOurPages(request.headers))
    return problem(403, "Log in from this installation's own page.");
  const form = await request.formData().catch(() => null);
  const next = returnPath(textOf(form, "next"));
  const given = textOf(form, "password") ?? "";
  const client = clientOf(request);
  if (!limit.mayTry(client, Date.now())) return backToLogin("limited", next);
  if (given.length > passwordLengthMax || !sameText(given, password)) {
    limit.failed(client, Date.now());
    log.warn({ client }, "login refused");
    return backToLogin("wrong", next);
  }
  return seeOther(next, {
    "set-cookie": cookieOf(newSession(keyFor(password), Date.now()), isSecure(request, publicUrl)),
  });
}

function textOf(form: FormData | null, name: string): string | null {
  const value = form?.get(name);
  return typeof value === "string" ? value : null;
}

/** The address that connected, as the server notes it; a proxy in front adds the one before it. */
function clientOf(request: Request): string {
  return (request.headers.get("x-forwarded-for") ?? "unknown").slice(-100);
}

function isSecure(request: Request, publicUrl: string | null): boolean {
  return (
    request.headers.get("x-forwarded-proto")?.startsWith("https") === true ||
    publicUrl?.startsWith("https:") === true
  );
}

function cookieOf(value: string, secure: boolean): string {
  return `${sessionCookie}=${value}; Path=/; Max-Age=${sessionSecondsMax}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

function backToLogin(problemName: "wrong" | "limited", next: string): Response {
  return seeOther(`/login?problem=${problemName}&next=${encodeURIComponent(next)}`);
}

function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", ...headers },
  });
}
