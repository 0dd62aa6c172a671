import { StartProblem } from "#lib/config/start-problem.ts";
import { isZone } from "#lib/core/calendar.ts";
import { accessLogFormats } from "#lib/decode/access-log.ts";

/** The format that `--format` names; throws a StartProblem for any other word. */
export function formatWord(word = "auto"): string {
  if (accessLogFormats.includes(word)) return word;
  throw new StartProblem(
    `--format is "${word}", but must be one of ${accessLogFormats.join(", ")}.`,
  );
}

/** The zone that `--tz` names, null for none; throws a StartProblem for any other word. */
export function zoneWord(word: string | undefined): string | null {
  if (word === undefined || isZone(word)) return word ?? null;
  throw new StartProblem(
    `--tz is "${word}", but must be a time zone of the IANA database, such as Europe/Berlin.`,
  );
}
