import { queryOptions } from "@tanstack/react-query";

import { ask, Refusal } from "./ask.ts";

/** Whether demo traffic runs. */
export const demoQuestion = queryOptions({
  queryKey: ["demo"],
  queryFn: ({ signal }) =>
    ask("demo", {}, async () => (await import("#lib/contract/demo.ts")).demoAnswer, signal),
  staleTime: 60_000,
});

/** Starts or stops demo traffic. */
export async function setDemo(running: boolean): Promise<void> {
  const response = await fetch("/api/v1/demo", {
    method: "POST",
    headers: { "content-type": "application/json", "x-viascope-request": "1" },
    body: JSON.stringify({ running }),
  });
  if (response.ok) return;
  const { problem } = await import("#lib/contract/problem.ts");
  const refusal = problem.safeParse(await response.json().catch(() => null));
  throw new Refusal(
    refusal.success ? refusal.data : { status: response.status, detail: response.statusText },
  );
}
