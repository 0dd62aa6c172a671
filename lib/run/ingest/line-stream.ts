import { isZone } from "#lib/core/calendar.ts";
import { accessLogFormats } from "#lib/decode/access-log.ts";

import type { LineStream } from "./prepared.ts";

const nameLengthMax = 200;

/** How the lines of a request are to be read, by its query, or what is wrong with that. */
export function streamOf(query: URLSearchParams): LineStream | string {
  const stream = {
    format: query.get("format") ?? "auto",
    logFormat: query.get("log_format"),
    proxy: query.get("proxy") ?? "",
    instance: query.get("instance"),
    timeZone: query.get("tz"),
  };
  return problemOf(stream) ?? stream;
}

function problemOf({ format, proxy, instance, timeZone }: LineStream): string | null {
  if (!accessLogFormats.includes(format)) {
    return `?format= must be one of ${accessLogFormats.join(", ")}.`;
  }
  if (proxy === "") {
    return "?proxy= must name the proxy that wrote these lines, such as ?proxy=edge-nginx.";
  }
  if (proxy.length > nameLengthMax || (instance?.length ?? 0) > nameLengthMax) {
    return `?proxy= and ?instance= may have at most ${nameLengthMax} characters.`;
  }
  if (timeZone === null || isZone(timeZone)) return null;
  return "?tz= must be a time zone of the IANA database, such as ?tz=Europe/Berlin; without it times that name no zone are taken for UTC.";
}
