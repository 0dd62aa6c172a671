import { previewBody } from "#lib/contract/rules.ts";
import { previewRule } from "#lib/run/preview-rule.ts";
import { webKeep } from "#lib/run/web-database.ts";

import { command } from "../../../command.ts";

export const POST = command({ body: previewBody }, ({ db, project, body }) =>
  previewRule(db, { project, body, keep: webKeep(), nowMs: Date.now() }),
);
