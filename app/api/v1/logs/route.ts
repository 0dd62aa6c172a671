import { logsParams, type LogsAnswer } from "#lib/contract/logs.ts";
import { readLogs } from "#lib/run/read-logs.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(logsParams, ({ db, scope, params }): Promise<LogsAnswer> =>
  readLogs(db, scope, params),
);
