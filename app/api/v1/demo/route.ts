import { demoAnswer } from "#lib/contract/demo.ts";
import { demoStatus, startDemo, stopDemo } from "#lib/run/demo-control.ts";

import { fromOurPages } from "../../../guard.ts";
import { answer, refusalOf } from "../../answer.ts";
import { problem } from "../../problem.ts";
import { reportFailure } from "../../report-failure.ts";

export async function GET(request: Request): Promise<Response> {
  const refusal = refusalOf(request);
  if (refusal !== null) return refusal;
  return answer(demoAnswer.parse(await demoStatus()));
}

/** Starts or stops demo traffic. The header cannot be set by a form of another site. */
export async function POST(request: Request): Promise<Response> {
  const refusal = refusalOf(request);
  if (refusal !== null) return refusal;
  if (!fromOurPages(request.headers) || request.headers.get("x-viascope-request") !== "1") {
    return problem(
      403,
      "Demo traffic is changed from this installation's own pages; other callers send `x-viascope-request: 1`.",
    );
  }
  const wanted = demoAnswer.safeParse(await request.json().catch(() => null));
  if (!wanted.success)
    return problem(400, 'The body must be {"running": true} or {"running": false}.');
  try {
    await (wanted.data.running ? startDemo() : stopDemo());
    return answer(demoAnswer.parse(await demoStatus()));
  } catch (error) {
    reportFailure(request, error);
    return problem(503, "Demo traffic could not be changed. The log of the web role says why.");
  }
}
