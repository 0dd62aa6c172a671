import { cycleSeconds, incidents } from "./incidents.ts";
import type { DemoPlan } from "./model.ts";

export interface Invitation {
  readonly plan: DemoPlan;
  readonly url: string;
  readonly lookAt: string | null;
}

/** What a person who started the demo wants to know: where to look, and what will go wrong when. */
export function invitation({ plan, url, lookAt }: Invitation): string {
  const timeOf = (offset: number): string =>
    new Date((plan.startedSecond + offset) * 1_000).toTimeString().slice(0, 8);
  return [
    "",
    `Demo traffic goes to ${url}: clients → edge-nginx → athens → two mirrors, a sum database and a git host.`,
    ...(lookAt === null ? [] : [`Look at ${lookAt}`]),
    "",
    `What goes wrong, every ${cycleSeconds / 60} minutes again, as it did in the past hour:`,
    ...incidents.map(
      ({ startsAt, lasts, sentence }) =>
        `  ${timeOf(startsAt)}  for ${lengthOf(Math.min(lasts, plan.incidentSecondsMax ?? lasts))}  ${sentence}`,
    ),
    "",
    "Ctrl-C stops it.",
    "",
    "",
  ].join("\n");
}

function lengthOf(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** One line about something that happened. */
export function notice(sentence: string): void {
  process.stderr.write(`viascope demo: ${sentence}\n`);
}
