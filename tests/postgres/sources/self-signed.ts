import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for `proxy.test` that no authority signed, and its key. */
export function selfSigned(folder: string): Certificate {
  const cert = join(folder, "self.pem");
  const key = join(folder, "self.key");
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj";
  const made = spawnSync("openssl", [
    ...words.split(" "),
    "/CN=proxy.test",
    "-addext",
    "subjectAltName=DNS:proxy.test,IP:127.0.0.1",
    "-keyout",
    key,
    "-out",
    cert,
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${String(made.stderr)}`);
  return { cert, key };
}
