"use client";

import { useQueryStates } from "nuqs";
import { useMemo } from "react";

import type { Window } from "#lib/core/bucket.ts";
import type { WindowText } from "#lib/core/window.ts";

import { useClock } from "./use-clock.ts";
import { windowKeys, windowOrLastHour } from "./window-state.ts";

/** The window in the address, and how to change it; a change can be gone back from. */
export function useWindow(): {
  readonly text: WindowText;
  readonly setWindow: (next: WindowText) => void;
} {
  const [{ from, to }, setKeys] = useQueryStates(windowKeys, {
    history: "push",
    clearOnDefault: true,
  });
  return useMemo(
    () => ({
      text: { from, to },
      setWindow: (next: WindowText) => void setKeys({ from: next.from, to: next.to }),
    }),
    [from, to, setKeys],
  );
}

/** The window in the address as it is now; `givenMs` is the time at which the server drew the page. */
export function useWindowNow(givenMs: number): {
  readonly text: WindowText;
  readonly window: Window;
  readonly seconds: number;
} {
  const { text } = useWindow();
  const nowMs = useClock(givenMs, 30_000);
  return useMemo(() => {
    const window = windowOrLastHour(text, nowMs);
    return { text, window, seconds: (window.toMs - window.fromMs) / 1_000 };
  }, [text, nowMs]);
}
