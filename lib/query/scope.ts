import type { Window } from "#lib/core/bucket.ts";
import type { KeepMs } from "#lib/core/keep.ts";

/** Whose numbers, and of which time. */
export interface Scope {
  readonly project: number;
  readonly window: Window;
  /** Only of this proxy, by name. */
  readonly proxy?: string | undefined;
  /** Only of this upstream, by name. */
  readonly upstream?: string | undefined;
  /** How long buckets are kept, where an operator changed it. */
  readonly keep?: KeepMs | undefined;
}
