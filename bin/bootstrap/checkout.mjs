import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this checkout. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** The Node 24 that npm installed. */
export const node24 = join(checkout, "node_modules/node/bin/node");

/** Where Node keeps compiled sources; a role that finds them there need not load the TypeScript stripper, which takes 20 MB. */
export const compileCache = join(checkout, "node_modules/.cache/viascope-compiled");

/** One digest over the contents of files and folders; what does not exist counts as empty. */
export function digestOf(paths, accept = () => true) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const path of paths.flatMap((one) => filesIn(one))) {
    if (accept(path)) hash.update(`\0${path}\0`).update(readFileSync(join(checkout, path)));
  }
  return hash.digest("hex");
}

function filesIn(path) {
  const facts = statSync(join(checkout, path), { throwIfNoEntry: false });
  if (facts === undefined) return [];
  if (facts.isFile()) return [path];
  return readdirSync(join(checkout, path))
    .toSorted()
    .flatMap((name) => filesIn(`${path}/${name}`));
}

/** Whether a stamp file, written by `stamp`, still says the same digest. */
export function isStamped(file, digest) {
  try {
    return readFileSync(join(checkout, file), "utf8") === digest;
  } catch {
    return false;
  }
}

export function stamp(file, digest) {
  writeFileSync(join(checkout, file), digest);
}

/** One line about a step that takes a while. */
export function say(text) {
  process.stderr.write(`viascope: ${text}\n`);
}
