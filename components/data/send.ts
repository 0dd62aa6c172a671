import { Refusal } from "./ask.ts";

interface Schema<Answer> {
  parse(value: unknown): Answer;
}

/** Asks `/api/v1/…` for a change, and gives its outcome; a refusal is thrown with the sentence that says what to change. */
export async function send<Answer>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: unknown,
  schema: () => Promise<Schema<Answer>>,
): Promise<Answer> {
  const response = await fetch(`/api/v1/${path}`, {
    method,
    headers: { "content-type": "application/json", "x-viascope-request": "1" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw await refusalOf(response);
  return (await schema()).parse(await response.json());
}

async function refusalOf(response: Response): Promise<Refusal> {
  const { problem } = await import("#lib/contract/problem.ts");
  const read = problem.safeParse(await response.json().catch(() => null));
  return new Refusal(
    read.success ? read.data : { status: response.status, detail: response.statusText },
  );
}
