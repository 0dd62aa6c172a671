"use client";

import { useQueryStates } from "nuqs";
import { useMemo } from "react";

import type { WindowText } from "#lib/core/window.ts";

import { windowKeys } from "./window-state.ts";

/** The window in the address, and how to change it; a change can be gone back from. */
export function useWindow(): {
  readonly text: WindowText;
  readonly setWindow: (next: WindowText) => void;
} {
  const [{ from, to }, setKeys] = useQueryStates(windowKeys, { history: "push", clearOnDefault: true });
  return useMemo(
    () => ({
      text: { from, to },
      setWindow: (next: WindowText) => void setKeys({ from: next.from, to: next.to }),
    }),
    [from, to, setKeys],
  );
}
