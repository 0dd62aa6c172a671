import { z } from "zod";

import { certificateOrigins, certificateStates } from "#lib/core/certificate.ts";
import { tlsReasons } from "#lib/core/tls-reason.ts";

const time = z.iso.datetime();
const reason = z.enum(tlsReasons).nullable();

/** A certificate as a server showed it. */
const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  /** Names and addresses that it is valid for. */
  names: z.array(z.string()),
  beginsAt: time,
  endsAt: time,
  /** SHA-256 in hexadecimal. */
  fingerprint: z.string(),
});

/** A check that found something else than the one before. */
const certificateChange = z.object({
  at: time,
  problem: z.string().nullable(),
  distrust: z.string().nullable(),
  reason,
  issuer: z.string().nullable(),
  endsAt: time.nullable(),
});

/** A TLS server whose certificate is checked. */
const certificateItem = z.object({
  /** `host:port`, or `name@host:port`. */
  name: z.string(),
  /** Who wants it checked: the operator's setting, somebody in a page, or the traffic that goes there. */
  origin: z.enum(certificateOrigins),
  state: z.enum(certificateStates),
  /** Null before the first check. */
  checkedAt: time.nullable(),
  nextCheckAt: time,
  /** Why the last check read no certificate. */
  problem: z.string().nullable(),
  /** Why the certificate is not trusted. */
  distrust: z.string().nullable(),
  /** The reason of either, in the words of the one table. */
  reason,
  /** As it was last read; null when none ever was. */
  certificate: certificate.nullable(),
  seenAt: time.nullable(),
  /** What checks found, newest first. */
  changes: z.array(certificateChange),
});
export type CertificateItem = z.infer<typeof certificateItem>;

/** Answer of `GET /api/v1/certificates`, what ends first in front. */
export const certificatesAnswer = z.object({
  items: z.array(certificateItem),
  /** Hosts that proxies ask over TLS and that nobody checks. */
  proposed: z.array(z.string()),
});
export type CertificatesAnswer = z.infer<typeof certificatesAnswer>;

/** Body of `POST /api/v1/certificates`. */
export const newCertificate = z.object({ target: z.string().max(300) });

/** The path of `/api/v1/certificates/{name}`. */
export const certificateParams = z.object({ name: z.string().min(1).max(320) });

/** Answer to a change of the list. */
export const certificateNamed = z.object({ name: z.string() });
