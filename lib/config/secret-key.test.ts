import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readSecretKeys } from "./secret-key.ts";

describe("the key of secrets", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "viascope-key-"));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it("is made once, for its owner alone, when ten processes start together", async () => {
    const asked = Array.from({ length: 10 }, () => readSecretKeys({ dataDir, secretKeys: [] }));
    const keys = await Promise.all(asked);
    expect(new Set(keys.map(([key]) => key?.toString("base64"))).size).toBe(1);
    const { mode } = await stat(join(dataDir, "secret.key"));
    expect((mode & 0o777).toString(8)).toBe("600");
  });

  it("comes from the settings where they hold one, and touches no file", async () => {
    const given = Buffer.alloc(32, 7).toString("base64");
    expect(await readSecretKeys({ dataDir, secretKeys: [given] })).toEqual([Buffer.alloc(32, 7)]);
    await expect(readFile(join(dataDir, "secret.key"))).rejects.toThrow("ENOENT");
  });

  it("is never replaced when its file is damaged", async () => {
    await writeFile(join(dataDir, "secret.key"), "short");
    await expect(readSecretKeys({ dataDir, secretKeys: [] })).rejects.toThrow(
      /secret\.key does not hold a key/,
    );
    expect(await readFile(join(dataDir, "secret.key"), "utf8")).toBe("short");
  });
});
