import { keepPreviousData } from "@tanstack/react-query";

import type { WindowText } from "#lib/core/window.ts";

import { refreshMs } from "./refresh.ts";

/** How a question about the window is kept fresh: what was seen stays until the next answer comes. */
export function refreshed(window: WindowText) {
  const everyMs = refreshMs(window);
  return {
    refetchInterval: everyMs ?? (false as const),
    staleTime: everyMs ?? Infinity,
    placeholderData: keepPreviousData,
  };
}
