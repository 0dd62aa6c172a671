import type { NewNote } from "#lib/contract/alerts.ts";
import type { Database } from "#lib/db/open.ts";
import { insertNote } from "#lib/store/alert-timeline.ts";

import { CommandRefused } from "./command-refused.ts";

/** Acknowledges an open alert, or writes a comment beside it. */
export async function noteAlert(
  db: Database,
  project: number,
  { rule, fingerprint }: { readonly rule: string; readonly fingerprint: string },
  note: NewNote,
): Promise<void> {
  if (note.kind === "comment" && note.text === "") {
    throw new CommandRefused(400, "Write what the comment says.");
  }
  const incidentAtMs = note.incident === undefined ? null : Date.parse(note.incident);
  if (await insertNote(db, project, `${rule}/${fingerprint}`, { ...note, incidentAtMs })) return;
  throw new CommandRefused(
    404,
    note.kind === "comment"
      ? "Nothing is known of such an incident."
      : "There is no open alert of this rule and fingerprint.",
  );
}
