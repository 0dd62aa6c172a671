import { BlockedTarget, targetOf, type Target, type TargetGuard } from "#lib/guard/target-guard.ts";

import { CommandRefused } from "../command-refused.ts";

const mailPorts = [25, 465, 587, 2525];

/** Refuses settings that lead where messages may not go; a name that cannot be resolved now is tried when something is sent. */
export async function refuseTarget(
  guard: TargetGuard,
  kind: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const target of targetsIn(kind, settings)) {
    try {
      await guard.admit(target);
    } catch (error) {
      if (error instanceof BlockedTarget) {
        throw new CommandRefused(400, `Messages cannot go there: ${error.message}.`);
      }
    }
  }
}

function targetsIn(kind: string, settings: Readonly<Record<string, unknown>>): Target[] {
  const { host, port, tls, url, api } = settings;
  if (kind === "email" && typeof host === "string" && typeof port === "number") {
    return [{ host, port, encrypted: tls !== "none", openPorts: mailPorts }];
  }
  return [url, api]
    .filter((address) => typeof address === "string")
    .map((address) => targetOf(new URL(address)));
}
