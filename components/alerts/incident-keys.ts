import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";

import { incidentStates } from "#lib/core/alert.ts";
import { severities } from "#lib/core/severity.ts";

/** What stands in the address of the list of incidents. Somebody looks for last night, or for last week. */
export const incidentKeys = {
  from: parseAsString.withDefault("now-7d"),
  to: parseAsString.withDefault("now"),
  state: parseAsStringLiteral(incidentStates),
  severity: parseAsStringLiteral(severities),
  rule: parseAsString,
  proxy: parseAsString,
  upstream: parseAsString,
  /** The page after the one that named it. */
  after: parseAsString,
};

/** Reads the address on the server. */
export const loadIncidentState = createLoader(incidentKeys);

type Keys = Awaited<ReturnType<typeof loadIncidentState>>;

/** The question that an address asks. */
export function incidentsFilterOf(keys: Keys) {
  return {
    from: keys.from,
    to: keys.to,
    state: keys.state ?? undefined,
    severity: keys.severity ?? undefined,
    rule: keys.rule ?? undefined,
    proxy: keys.proxy ?? undefined,
    upstream: keys.upstream ?? undefined,
    after: keys.after ?? undefined,
  };
}
