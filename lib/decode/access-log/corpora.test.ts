import { existsSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";

/** Logs of other projects, which may be read but not copied; see README.md there. Absent outside our workshop. */
const corpora = new URL("../../../../shared/corpora/", import.meta.url);

interface Corpus {
  readonly file: string;
  readonly format: string;
  readonly accepted: number;
  /** A part of each refused line → of its reason. */
  readonly refused?: Readonly<Record<string, RegExp>>;
  /** Lines of which something was left unread. */
  readonly unread?: number;
}

const errorLine = /no access line/;

const corporaOfNginx: readonly Corpus[] = [
  { file: "nginx/lab-nginx-combined.log", format: "nginx", accepted: 75 },
  { file: "nginx/lab-nginx-timed.log", format: "nginx", accepted: 75 },
  {
    file: "nginx/crowdsec-nginx-http.log",
    format: "nginx",
    accepted: 8,
    refused: { "[error]": errorLine },
  },
  { file: "nginx/crowdsec-nginx-malformed.log", format: "nginx", accepted: 12 },
  { file: "nginx/crowdsec-nginx-open-proxy.log", format: "nginx", accepted: 2 },
  { file: "nginx/crowdsec-nginx-path-traversal.log", format: "nginx", accepted: 9 },
  {
    file: "nginx/datadog-nginx.log",
    format: "nginx",
    accepted: 4,
    unread: 1,
    refused: { "[error]": errorLine, "[info]": errorLine },
  },
  { file: "nginx/fail2ban-nginx-bad-request.log", format: "nginx", accepted: 8 },
  {
    file: "nginx/fail2ban-nginx-botsearch.log",
    format: "nginx",
    accepted: 8,
    refused: { "[error]": errorLine },
  },
  {
    file: "nginx/fail2ban-nginx-forbidden.log",
    format: "nginx",
    accepted: 0,
    refused: { "[error]": errorLine },
  },
  { file: "nginx/fluentd-parser_nginx.log", format: "nginx", accepted: 5 },
  { file: "nginx/lnav-logfile_shop_access_log.0", format: "nginx", accepted: 1_000 },
  { file: "nginx/ops-agent-nginx-access.log", format: "nginx", accepted: 8 },
];

describe.skipIf(!existsSync(corpora))(
  "understands public samples, or refuses them for a stated reason",
  () => {
    it.each(corporaOfNginx)("$file", ({ file, format, accepted, refused = {}, unread = 0 }) => {
      const decoder = accessLogDecoder({ format, logFormat: null });
      const lines = linesOf(file);
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

/** Comments tell what another parser expects; they are no part of the log. */
function linesOf(file: string): string[] {
  return readFileSync(new URL(file, corpora), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("# "));
}

function isExpected(
  line: string,
  reason: string,
  refused: Readonly<Record<string, RegExp>>,
): boolean {
  return Object.entries(refused).some(([part, why]) => line.includes(part) && why.test(reason));
}
