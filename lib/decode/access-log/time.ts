import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** Length of `20/Nov/2026:22:09:04 +0000`. */
export const clfTimeLength = 26;

/**
 * A reader of the common log's time, `20/Nov/2026:22:09:04 +0000`, as epoch milliseconds; null for any other text.
 * It remembers the last text it read, as lines of one second follow each other.
 */
export function clfTimeReader(): (text: string) => number | null {
  return rememberingReader(clfTimeMs);
}

/** A reader of any time that a log has in words or digits, as epoch microseconds, that remembers likewise. */
export function anyTimeReader(): (text: string) => number | null {
  return rememberingReader((text) => {
    const ms = clfTimeMs(text);
    return ms === null ? (isoTimeUs(text) ?? epochTimeUs(text)) : ms * 1000;
  });
}

function rememberingReader(read: (text: string) => number | null): (text: string) => number | null {
  let lastText = "";
  let last: number | null = null;
  return (text) => {
    if (text === lastText) return last;
    last = read(text);
    lastText = text;
    return last;
  };
}

/** ISO 8601 with a zone, or without one and then by the clock, as epoch microseconds; null for any other text. */
export function isoTimeUs(text: string, localClock: LocalClock = utcClock): number | null {
  const parts = isoTime.exec(text);
  if (parts === null) return null;
  const [, day = "", clock = "", fraction = "", zone = ""] = parts;
  const wholeMs = Date.parse(`${day}T${clock}${zone === "" ? "Z" : zoneWithColon(zone)}`);
  if (Number.isNaN(wholeMs)) return null;
  const timeUs = wholeMs * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
  return zone === "" ? localClock(timeUs) : timeUs;
}

/** Epoch seconds with or without a fraction, or epoch milliseconds, as epoch microseconds; null for any other text. */
export function epochTimeUs(text: string): number | null {
  const parts = epochTime.exec(text);
  if (parts === null) return null;
  const [, whole = "", fraction = ""] = parts;
  if (whole.length > 11) return Number(whole) * 1000;
  return Number(whole) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}

const isoTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?\s?(Z|[+-]\d\d:?\d\d)?$/;
const epochTime = /^(\d{9,13})(?:\.(\d+))?$/;

function zoneWithColon(zone: string): string {
  return /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

function clfTimeMs(text: string): number | null {
  if (!clfTime.test(text)) return null;
  const month = months.indexOf(text.slice(3, 6)) / 3;
  if (!Number.isInteger(month) || month < 0) return null;
  const offsetMinutes = Number(text.slice(22, 24)) * 60 + Number(text.slice(24, 26));
  const localMs = Date.UTC(
    Number(text.slice(7, 11)),
    month,
    Number(text.slice(0, 2)),
    Number(text.slice(12, 14)),
    Number(text.slice(15, 17)),
    Number(text.slice(18, 20)),
  );
  return localMs + (text[21] === "-" ? offsetMinutes : -offsetMinutes) * 60_000;
}

const clfTime = /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/;
