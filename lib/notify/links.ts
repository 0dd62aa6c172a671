import type { Labels } from "./alert.ts";

/** A link that works from anywhere: a path of ours below the address people reach us at. */
export function absoluteUrl(externalUrl: string, path: string): string {
  return `${externalUrl.replace(/\/+$/, "")}${path.startsWith("/") ? path : `/${path}`}`;
}

/** The page that begins a silence for exactly these labels. */
export function silencePath(labels: Labels): string {
  const search = new URLSearchParams(
    Object.entries(labels).map(([name, value]) => ["matcher", `${name}=${JSON.stringify(value)}`]),
  );
  return `/alerts/silence?${search.toString()}`;
}
