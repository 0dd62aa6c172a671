import { existsSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { corpora, corpusLines, logCorpora } from "#tests/log-corpora.ts";

describe.skipIf(!existsSync(corpora))(
  "understands public samples, or refuses them for a stated reason",
  () => {
    it.each(logCorpora)("$file", ({ file, format, accepted, refused = {}, unread = 0 }) => {
      const decoder = accessLogDecoder({ format, logFormat: null });
      const lines = corpusLines(file);
      const found = lines.map((line) => ({ line, record: decoder.decode(line) }));
      const read = found.flatMap(({ record }) => (typeof record === "string" ? [] : [record]));
      expect(read).toHaveLength(accepted);
      expect(read.filter((record) => record.unread !== null)).toHaveLength(unread);
      expect(
        found.filter(
          ({ line, record }) => typeof record === "string" && !isExpected(line, record, refused),
        ),
      ).toEqual([]);
    });
  },
);

function isExpected(
  line: string,
  reason: string,
  refused: Readonly<Record<string, RegExp>>,
): boolean {
  return Object.entries(refused).some(([part, why]) => line.includes(part) && why.test(reason));
}
