import type { Settings } from "#lib/config/settings.ts";

/** Settings of a role: by the time it starts there is a database. */
export type RoleSettings = Settings & { readonly databaseUrl: string };

/** A role that serves. */
export interface RunningRole {
  /** The ports it got, by the variable that asks for them; a restarted role asks for the same ones again. */
  readonly ports: Readonly<Record<string, number>>;
  /** Finishes what was begun, then lets go of everything. */
  stop(): Promise<void>;
}

export type StartRole = (settings: RoleSettings) => Promise<RunningRole>;

export type RoleName = "ingest" | "worker" | "web";

/** What a role process tells its supervisor. */
export type RoleReport =
  | { readonly kind: "ready"; readonly ports: Readonly<Record<string, number>> }
  /** `refused`: a StartProblem, which trying again does not mend. */
  | { readonly kind: "failed"; readonly refused: boolean; readonly reason: string };

/** What a supervisor tells a role process. */
export interface StopRequest {
  readonly kind: "stop";
}
