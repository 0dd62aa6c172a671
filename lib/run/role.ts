import type { Settings } from "#lib/config/settings.ts";
import type { FamilySnapshot } from "#lib/telemetry/metrics.ts";

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

/** Records and bytes by the id of a token. */
export type SpentOfTokens = Readonly<Record<string, readonly [records: number, bytes: number]>>;

/** What ingest processes of one supervisor tell each other. */
export type SiblingMessage =
  | { readonly kind: "askMetrics"; readonly id: number }
  | { readonly kind: "metrics"; readonly id: number; readonly families: readonly FamilySnapshot[] }
  | { readonly kind: "spent"; readonly spent: SpentOfTokens };

/** What a role process tells its supervisor. */
export type RoleReport =
  | { readonly kind: "ready"; readonly ports: Readonly<Record<string, number>> }
  /** `refused`: a StartProblem, which trying again does not mend. */
  | { readonly kind: "failed"; readonly refused: boolean; readonly reason: string }
  /** Null is all of them. */
  | { readonly kind: "toSiblings"; readonly to: number | null; readonly body: SiblingMessage };

/** What a supervisor tells a role process. */
export type SupervisorMessage =
  | { readonly kind: "stop" }
  /** One of several ingest processes: its place, and how many there are. */
  | { readonly kind: "place"; readonly place: number; readonly of: number }
  | { readonly kind: "fromSibling"; readonly from: number; readonly body: SiblingMessage };
