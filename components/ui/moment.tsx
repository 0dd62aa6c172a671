"use client";

import { useFormats } from "../format/use-formats.ts";

/** A point in time, short, with the whole of it in its title. */
export function Moment({
  timeMs,
  nowMs,
  ago = false,
}: {
  readonly timeMs: number;
  readonly nowMs: number;
  readonly ago?: boolean;
}) {
  const formats = useFormats();
  return (
    // Browser and server may bring different locale data; the server's text is as good.
    <time
      dateTime={new Date(timeMs).toISOString()}
      suppressHydrationWarning
      title={formats.absolute(timeMs)}
    >
      {ago ? formats.ago(timeMs, nowMs) : formats.moment(timeMs, nowMs)}
    </time>
  );
}
