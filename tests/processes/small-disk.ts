import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of so many bytes that can be filled to its end. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all that is free but so many bytes. */
  fill(leaveBytes: number): void;
  clear(): void;
  remove(): void;
}

/** Whether this account may mount one. */
export const mayMount = triedToMount();

function triedToMount(): boolean {
  try {
    smallDisk(65_536).remove();
    return true;
  } catch {
    return false;
  }
}

/** Throws where this account may not mount one. */
export function smallDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "viascope-disk-"));
  try {
    const options = `size=${bytes},mode=0755`;
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill(leaveBytes) {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
    },
    clear: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync("umount", [folder], { stdio: "ignore" });
      rmSync(folder, { recursive: true });
    },
  };
}
