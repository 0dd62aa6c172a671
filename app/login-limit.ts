/** Counts failed logins, per client and over all, within one minute. */
export interface LoginLimit {
  /** Whether the client may try now. */
  mayTry(client: string, nowMs: number): boolean;
  failed(client: string, nowMs: number): void;
}

const windowMs = 60_000;
const perClientMax = 5;
/** Over all clients, as an address can be made up or shared. */
const overallMax = 50;
/** More clients than this cannot fail within the window, as the overall limit stops them before. */
const everyone = Symbol("everyone");

/** A limit of 5 failed logins a minute and client, and 50 over all. */
export function loginLimit(): LoginLimit {
  const failures = new Map<string | symbol, number[]>();
  const recent = (client: string | symbol, nowMs: number) =>
    (failures.get(client) ?? []).filter((timeMs) => timeMs > nowMs - windowMs);
  return {
    mayTry: (client, nowMs) =>
      recent(client, nowMs).length < perClientMax && recent(everyone, nowMs).length < overallMax,
    failed: (client, nowMs) => {
      for (const known of failures.keys()) {
        if (recent(known, nowMs).length === 0) failures.delete(known);
      }
      for (const each of [client, everyone]) failures.set(each, [...recent(each, nowMs), nowMs]);
    },
  };
}
