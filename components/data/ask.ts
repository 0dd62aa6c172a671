import type { Problem } from "#lib/contract/problem.ts";

/** A question that the API refused; `message` is the sentence it gave. */
export class Refusal extends Error {
  readonly status: number;

  constructor(problem: Pick<Problem, "status" | "detail">) {
    super(problem.detail);
    this.name = "Refusal";
    this.status = problem.status;
  }
}

/** Values of a query string; absent ones are left out, lists are repeated. */
export type Query = Record<string, string | number | readonly string[] | undefined>;

interface Schema<Answer> {
  parse(value: unknown): Answer;
}

/**
 * The answer of `GET /api/v1/…`, parsed by the contract the route was written to.
 * The schema is loaded with the first answer, not with the page: what the page shows first came with it.
 */
export async function ask<Answer>(
  path: string,
  query: Query,
  schema: () => Promise<Schema<Answer>>,
  signal?: AbortSignal,
): Promise<Answer> {
  const [response, contract] = await Promise.all([
    fetch(addressOf(path, query), {
      headers: { accept: "application/json" },
      ...(signal === undefined ? {} : { signal }),
    }),
    schema(),
  ]);
  if (!response.ok) throw await refusalOf(response);
  return contract.parse(await response.json());
}

/** The address of a question, its parameters in a fixed order. */
function addressOf(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return `/api/v1/${path}${search.size === 0 ? "" : `?${search.toString()}`}`;
}

async function refusalOf(response: Response): Promise<Refusal> {
  if (response.status === 401) window.location.reload();
  const body: unknown = await response.json().catch(() => null);
  const detail =
    typeof body === "object" && body !== null && "detail" in body
      ? String(body.detail)
      : response.statusText;
  return new Refusal({ status: response.status, detail });
}
