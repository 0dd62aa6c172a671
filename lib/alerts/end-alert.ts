import type { AlertMemory } from "#lib/core/alert.ts";

import type { Transition } from "./transition.ts";

/** Ends an alert for a reason outside of its condition: its rule was deleted, switched off or changed, or its group is gone. */
export function endAlert(memory: AlertMemory, nowMs: number, reason: string): Transition {
  const { state } = memory;
  if (state === "resolved") return { memory, change: null };
  if (state === "pending") {
    return { memory: null, change: { from: state, to: "inactive", reason, notify: null } };
  }
  return {
    memory: { ...memory, state: "resolved", resolvedAtMs: nowMs, evaluatedAtMs: nowMs },
    change: { from: state, to: "resolved", reason, notify: "resolved" },
  };
}
