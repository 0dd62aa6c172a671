import { z } from "zod";

import { CommandRefused } from "#lib/run/command-refused.ts";
import { currentProject } from "#lib/run/current-project.ts";
import { webDatabase } from "#lib/run/web-database.ts";

import { fromOurPages } from "../guard.ts";
import { answer, refusalOf } from "./answer.ts";
import { problem } from "./problem.ts";
import { reportFailure } from "./report-failure.ts";

type Db = Awaited<ReturnType<typeof webDatabase>>;

/** What a change is asked with. */
interface Commanded<Params, Body> {
  readonly db: Db;
  readonly project: number;
  readonly params: Params;
  readonly body: Body;
}

interface Shape<Params, Body> {
  /** Of the path. */
  readonly params?: z.ZodType<Params>;
  readonly body?: z.ZodType<Body>;
}

type Handler = (
  request: Request,
  context: { readonly params: Promise<Record<string, string>> },
) => Promise<Response>;

const bodyBytesMax = 1_000_000;

/** A change: session, origin, path and body are checked, then it is made, then its outcome answered as JSON. */
export function command<Params = unknown, Body = unknown>(
  shape: Shape<Params, Body>,
  perform: (commanded: Commanded<Params, Body>) => Promise<unknown>,
): Handler {
  return async (request, context) => {
    const refusal = refusalOf(request) ?? foreignRefusal(request);
    if (refusal !== null) return refusal;
    try {
      const params = (shape.params ?? anything<Params>()).parse(await context.params);
      const body = (shape.body ?? anything<Body>()).parse(await bodyOf(request, shape));
      const [db, project] = await Promise.all([webDatabase(), currentProject()]);
      return answer((await perform({ db, project, params, body })) ?? {});
    } catch (error) {
      return failure(request, error);
    }
  };
}

/** The header cannot be set by a form of another site. */
function foreignRefusal(request: Request): Response | null {
  if (fromOurPages(request.headers) && request.headers.get("x-viascope-request") === "1")
    return null;
  return problem(
    403,
    "Changes are made from this installation's own pages; other callers send `x-viascope-request: 1`.",
  );
}

function anything<Value>(): z.ZodType<Value> {
  return z.custom<Value>(() => true);
}

async function bodyOf(request: Request, { body }: { readonly body?: unknown }): Promise<unknown> {
  if (body === undefined) return undefined;
  const text = await request.text();
  if (text.length > bodyBytesMax) throw new CommandRefused(400, "The body is longer than 1 MB.");
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandRefused(400, "The body must be JSON.");
  }
}

function failure(request: Request, error: unknown): Response {
  if (error instanceof CommandRefused) return problem(error.status, error.message);
  if (error instanceof z.ZodError) return problem(400, sentenceOf(error));
  reportFailure(request, error);
  return problem(503, "This could not be done. The log of the web role says why.");
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined
    ? "The body cannot be read."
    : `\`${issue.path.join(".")}\`: ${issue.message}.`;
}
