"use client";

import { useMemo, useSyncExternalStore } from "react";

/**
 * The current time, moving on every `everyMs`. On the server and while the page wakes up it is the time given,
 * so that both draw the same; it never goes back before that.
 */
export function useClock(givenMs: number, everyMs: number): number {
  const clock = useMemo(
    () => ({
      subscribe: (changed: () => void) => {
        const timer = setInterval(changed, everyMs);
        return () => clearInterval(timer);
      },
      read: () => Math.max(givenMs, Math.floor(Date.now() / everyMs) * everyMs),
      given: () => givenMs,
    }),
    [givenMs, everyMs],
  );
  return useSyncExternalStore(clock.subscribe, clock.read, clock.given);
}
