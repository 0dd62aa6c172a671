import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import type { Account } from "./account.ts";

/** A unix socket's path may have 107 bytes on Linux, 103 on macOS. */
const pathBytesMax = 103;

/** Where the socket stands: in the cluster, or in the temporary folder when the cluster's path is too long for one. */
export async function socketFolderFor(cluster: string, account: Account): Promise<string> {
  const folder = resolve(cluster);
  if (Buffer.byteLength(join(folder, ".s.PGSQL.5432.lock")) <= pathBytesMax) return folder;
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const short = join(tmpdir(), `viascope-${digest}`);
  await mkdir(short, { recursive: true, mode: 0o700 });
  await account.own(short);
  return short;
}
