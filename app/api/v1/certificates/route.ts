import { z } from "zod";

import { newCertificate } from "#lib/contract/certificates.ts";
import { addCertificate, readCertificates } from "#lib/run/certificates.ts";
import { webKeep } from "#lib/run/web-database.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  ({ db, project }) => readCertificates(db, { project, keep: webKeep(), nowMs: Date.now() }),
  "There are no certificates.",
);

export const POST = command({ body: newCertificate }, ({ db, project, body }) =>
  addCertificate(db, project, body.target, Date.now()),
);
