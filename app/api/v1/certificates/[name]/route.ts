import { certificateParams } from "#lib/contract/certificates.ts";
import { forgetCertificate } from "#lib/run/certificates.ts";

import { command } from "../../../command.ts";

export const DELETE = command({ params: certificateParams }, ({ db, project, params }) =>
  forgetCertificate(db, project, params.name),
);
