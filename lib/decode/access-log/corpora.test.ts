import { existsSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { corpora } from "#tests/log-corpora.ts";
import { readLogs, understoodTables } from "#tests/understood-logs.ts";

describe.skipIf(!existsSync(corpora))("of real logs, where ../shared/corpora is", () => {
  it("no valid line is refused", () => {
    const refused = readLogs().flatMap(({ file, refused: lines }) =>
      lines.map((line) => ({ file, ...line })),
    );
    expect(refused).toEqual([]);
  });

  it("the documentation tells what is understood: `node bench/log-formats.ts` writes it", () => {
    const text = readFileSync(new URL("../../../docs/log-formats.md", import.meta.url), "utf8");
    expect(text).toContain(understoodTables(readLogs()));
  });
});
