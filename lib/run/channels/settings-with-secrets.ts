import type { ChannelKind } from "#lib/notify/channel-kind.ts";

import { CommandRefused } from "../command-refused.ts";

interface Split {
  readonly settings: Record<string, unknown>;
  readonly secrets: Record<string, unknown>;
  readonly hint: string;
}

/** Settings that pass their schema, parted into what may be seen and what may not; secrets that are not given come from before. */
export function settingsWithSecrets(
  kind: ChannelKind,
  given: Readonly<Record<string, unknown>>,
  secretsBefore: Readonly<Record<string, unknown>>,
): Split {
  // Signing secrets are made here, never taken: a short one would sign like a good one.
  const { signing: _signing, ...changed } = given;
  const merged = Object.entries({ ...secretsBefore, ...changed }).filter(
    ([, value]) => value !== null && value !== "",
  );
  const opened = kind.open(Object.fromEntries(merged));
  if (typeof opened === "string") throw new CommandRefused(400, opened);
  const entries = Object.entries(opened.settings).filter(([, value]) => value !== undefined);
  const isSecret = ([name]: [string, unknown]) => kind.secrets.includes(name);
  return {
    settings: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    secrets: Object.fromEntries(entries.filter(isSecret)),
    hint: opened.hint,
  };
}
