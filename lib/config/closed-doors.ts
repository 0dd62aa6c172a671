import type { Settings } from "./settings.ts";
import { StartProblem } from "./start-problem.ts";

type Doors = Pick<Settings, "host" | "password" | "ingestToken">;

/** Refuses to open a role to other machines without the secret that guards it. */
export function refuseOpenDoors(settings: Doors, roles: readonly string[]): void {
  if (isLoopback(settings.host)) return;
  const missing = [
    roles.includes("web") && settings.password === null ? "VIASCOPE_PASSWORD" : null,
    roles.includes("ingest") && settings.ingestToken === null ? "VIASCOPE_INGEST_TOKEN" : null,
  ].filter((name) => name !== null);
  if (missing.length === 0) return;
  throw new StartProblem(
    `VIASCOPE_HOST is ${settings.host}, which other machines can reach: set ${missing.join(" and ")} as well, or remove VIASCOPE_HOST to listen on 127.0.0.1 only.`,
  );
}

/** Says whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
