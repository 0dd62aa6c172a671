import { tokenParams } from "#lib/contract/tokens.ts";
import { endToken } from "#lib/run/tokens.ts";

import { command } from "../../../command.ts";

export const DELETE = command({ params: tokenParams }, ({ db, project, params }) =>
  endToken(db, project, params.id, Date.now()),
);
