import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";

import type { Settings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";
import type { TlsKeys } from "#lib/receive/tls-keys.ts";

/** Certificate and key of the listeners; a StartProblem names what is wrong with them. Null where none are set. */
export async function readTlsKeys(files: Settings["tlsFiles"]): Promise<TlsKeys | null> {
  if (files === null) return null;
  const keys = {
    cert: await pem("VIASCOPE_TLS_CERT_FILE", files.cert),
    key: await pem("VIASCOPE_TLS_KEY_FILE", files.key),
  };
  try {
    createSecureContext(keys);
    return keys;
  } catch (error) {
    throw new StartProblem(
      `VIASCOPE_TLS_CERT_FILE and VIASCOPE_TLS_KEY_FILE hold no certificate with its key: ${textOf(error)}.`,
      { cause: error },
    );
  }
}

async function pem(variable: string, path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new StartProblem(`${variable} cannot be read: ${textOf(error)}.`, { cause: error });
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
