import type { z } from "zod";

import { windowParams } from "#lib/contract/window.ts";
import { windowOf } from "#lib/core/window.ts";
import type { Scope } from "#lib/query/scope.ts";
import { currentProject } from "#lib/run/current-project.ts";
import { webDatabase, webKeep } from "#lib/run/web-database.ts";

import { sessionCookie } from "../session-token.ts";
import { mayEnter } from "../session.ts";
import { problem } from "./problem.ts";
import { reportFailure } from "./report-failure.ts";

type Db = Awaited<ReturnType<typeof webDatabase>>;

/** What a question is asked with: the database, the project, and the parsed parameters. */
interface Asked<Params> {
  readonly db: Db;
  readonly project: number;
  readonly params: Params;
}

interface RouteContext {
  readonly params: Promise<Record<string, string>>;
}

type Handler = (request: Request, context: RouteContext) => Promise<Response>;

/**
 * A question about a window: session, parameters and window are checked, then it is asked, then answered as JSON,
 * unless the question gives the response itself.
 */
export function windowQuestion<Params>(
  schema: z.ZodType<Params>,
  question: (asked: Asked<Params> & { readonly scope: Scope }) => Promise<unknown>,
): Handler {
  return pathQuestion(schema, async (asked, search) => {
    const text = windowParams.parse(search);
    const window = windowOf(text, Date.now());
    if (typeof window === "string") return problem(400, window);
    const scope = { project: asked.project, window, keep: webKeep() };
    const found = await question({ ...asked, scope });
    return found instanceof Response ? found : answer(found);
  });
}

/** A question about one thing, named in the path: `null` from the question means there is no such thing. */
export function thingQuestion<Params>(
  schema: z.ZodType<Params>,
  question: (asked: Asked<Params>) => Promise<unknown>,
  missing: string,
): Handler {
  return pathQuestion(schema, async (asked) => {
    const found = await question(asked);
    return found === null ? problem(404, missing) : answer(found);
  });
}

/** The refusal of a request without a session; null for one that may enter. Every route asks this itself. */
export function refusalOf(request: Request): Response | null {
  const cookie = new RegExp(`(?:^|;\\s*)${sessionCookie}=(?<value>[^;]*)`).exec(
    request.headers.get("cookie") ?? "",
  );
  return mayEnter(cookie?.groups?.["value"], Date.now())
    ? null
    : problem(401, "Log in at /login first; the session cookie must come with the request.");
}

/** An answer that nobody in between may keep. */
export function answer(value: unknown): Response {
  return Response.json(value, { headers: { "cache-control": "no-store" } });
}

function pathQuestion<Params>(
  schema: z.ZodType<Params>,
  respond: (asked: Asked<Params>, search: Record<string, unknown>) => Promise<Response>,
): Handler {
  return async (request, context) => {
    const refusal = refusalOf(request);
    if (refusal !== null) return refusal;
    const search = { ...searchOf(new URL(request.url).searchParams), ...(await context.params) };
    const params = schema.safeParse(search);
    if (!params.success) return problem(400, sentenceOf(params.error));
    try {
      const [db, project] = await Promise.all([webDatabase(), currentProject()]);
      return await respond({ db, project, params: params.data }, search);
    } catch (error) {
      reportFailure(request, error);
      return problem(503, "The database did not answer this question. Try again in a moment.", {
        "retry-after": "2",
      });
    }
  };
}

/** Parameters that may be given several times. */
const lists = new Set(["metric", "filter"]);

function searchOf(search: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => [
      name,
      lists.has(name) ? search.getAll(name) : search.get(name),
    ]),
  );
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined
    ? "The parameters cannot be read."
    : `\`${String(issue.path[0])}\`: ${issue.message}.`;
}
