import {
  certificateNamed,
  certificateParams,
  certificatesAnswer,
  newCertificate,
} from "#lib/contract/certificates.ts";

import type { Operation } from "./operation.ts";

const named = { name: "CertificateNamed", schema: certificateNamed } as const;

/** Certificates of TLS servers. */
export const certificateOperations: readonly Operation[] = [
  {
    path: "/api/v1/certificates",
    method: "get",
    id: "listCertificates",
    summary: "Every certificate that is checked, with what the last check found",
    answer: { name: "CertificatesAnswer", schema: certificatesAnswer },
    refusals: [503],
  },
  {
    path: "/api/v1/certificates",
    method: "post",
    id: "addCertificate",
    summary: "Has the certificate of a server checked from now on",
    body: newCertificate,
    answer: named,
    refusals: [400, 403, 409, 503],
  },
  {
    path: "/api/v1/certificates/{name}",
    method: "delete",
    id: "forgetCertificate",
    summary: "Checks the certificate of a server no more",
    inPath: certificateParams,
    answer: named,
    refusals: [400, 403, 404, 409, 503],
  },
  {
    path: "/api/v1/certificates/{name}/check",
    method: "post",
    id: "checkCertificate",
    summary: "Has the certificate of a server checked within seconds",
    inPath: certificateParams,
    answer: named,
    refusals: [400, 403, 404, 503],
  },
];
