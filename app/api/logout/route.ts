import { fromOurPages } from "../../guard.ts";
import { sessionCookie } from "../../session-token.ts";
import { problem } from "../problem.ts";

export function POST(request: Request): Response {
  if (!fromOurPages(request.headers))
    return problem(403, "Log out from this installation's own page.");
  return new Response(null, {
    status: 303,
    headers: {
      location: "/login",
      "cache-control": "no-store",
      "set-cookie": `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`,
    },
  });
}
