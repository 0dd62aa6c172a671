import { traceParams } from "#lib/contract/scope.ts";
import type { TraceAnswer } from "#lib/contract/trace.ts";
import { readTrace } from "#lib/run/read-trace.ts";

import { thingQuestion } from "../../../answer.ts";

export const GET = thingQuestion(
  traceParams,
  ({ db, project, params }): Promise<TraceAnswer | null> =>
    readTrace(db, { project, traceId: params.traceId }),
  "There is no trace with this id; it may be older than the retention, or its spans have not arrived yet.",
);
