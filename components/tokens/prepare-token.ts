import type { TokenChange } from "#lib/contract/tokens.ts";

/** When a token ends: never, or after so many days. */
export const expiries = ["never", "1", "7", "30", "90", "365"] as const;
export type Expiry = (typeof expiries)[number];

/** A new token as it stands in the form. */
export interface TokenValues {
  readonly name: string;
  readonly use: "ingest" | "metrics";
  readonly expiry: Expiry;
  readonly recordsPerSecond: string;
  readonly kilobytesPerSecond: string;
}

export const noValues: TokenValues = {
  name: "",
  use: "ingest",
  expiry: "never",
  recordsPerSecond: "",
  kilobytesPerSecond: "",
};

/** What is asked for; nothing in a field of limits is no limit. */
export function changeOf(values: TokenValues, nowMs: number): TokenChange {
  const sends = values.use === "ingest";
  const kilobytes = sends ? numberIn(values.kilobytesPerSecond) : null;
  return {
    name: values.name,
    use: values.use,
    recordsPerSecond: sends ? numberIn(values.recordsPerSecond) : null,
    bytesPerSecond: kilobytes === null ? null : kilobytes * 1_000,
    expiresAt:
      values.expiry === "never"
        ? null
        : new Date(nowMs + Number(values.expiry) * 86_400_000).toISOString(),
  };
}

function numberIn(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}
