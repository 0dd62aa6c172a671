import { certificateParams } from "#lib/contract/certificates.ts";
import { checkSoon } from "#lib/run/certificates.ts";

import { command } from "../../../../command.ts";

export const POST = command({ params: certificateParams }, ({ db, project, params }) =>
  checkSoon(db, project, params.name, Date.now()),
);
