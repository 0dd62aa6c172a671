"use client";

import { useTimeZone } from "next-intl";
import { useMemo } from "react";

import { zoneOffsetMs } from "../charts/prepare-axis.ts";
import { localInput } from "./range-label.ts";

/** Points in time as an input of type `datetime-local` takes and gives them, on the reader's clock. */
export function useLocalTime() {
  const zone = useTimeZone() ?? "UTC";
  return useMemo(
    () => ({
      /** To the minute: nobody types seconds. */
      toInput: (timeMs: number) => localInput(timeMs, zoneOffsetMs(timeMs, zone)).slice(0, 16),
      /** Null where the text is no time. */
      fromInput: (text: string) => {
        const asUtcMs = Date.parse(`${text}Z`);
        return Number.isNaN(asUtcMs) ? null : asUtcMs - zoneOffsetMs(asUtcMs, zone);
      },
    }),
    [zone],
  );
}
