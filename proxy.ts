import { NextResponse, type NextRequest } from "next/server";

import { problem } from "./app/api/problem.ts";
import { admissionOf, type Admission } from "./app/guard.ts";
import { sessionCookie } from "./app/session-token.ts";
import { mayEnter, passwordAsked, webSettings } from "./app/session.ts";

/** Stands in front of every page, route and file; without a matcher there is nothing it does not see. */
export function proxy(request: NextRequest): Response {
  const admission = admissionOf({
    path: request.nextUrl.pathname,
    host: request.headers.get("host"),
    holdsSession: mayEnter(request.cookies.get(sessionCookie)?.value, Date.now()),
    passwordAsked: passwordAsked(),
    publicUrl: webSettings().publicUrl,
  });
  return answers[admission](request);
}

const answers: Record<Admission, (request: NextRequest) => Response> = {
  enter: () => NextResponse.next(),
  login: toLogin,
  unauthorized: () =>
    problem(401, "Log in at /login first; the session cookie must come with the request."),
  "foreign-host": () =>
    problem(
      403,
      "This installation listens for this machine only. To reach it under another name set VIASCOPE_PUBLIC_URL to that address, or VIASCOPE_PASSWORD.",
    ),
};

function toLogin(request: NextRequest): Response {
  const login = request.nextUrl.clone();
  login.pathname = "/login";
  login.search = `?next=${encodeURIComponent(request.nextUrl.pathname + request.nextUrl.search)}`;
  return NextResponse.redirect(login, 307);
}
