/** What becomes of a request before any page or route sees it. */
export type Admission = "enter" | "login" | "unauthorized" | "foreign-host";

interface Asked {
  readonly path: string;
  /** The `Host` header. */
  readonly host: string | null;
  readonly holdsSession: boolean;
  readonly passwordAsked: boolean;
  readonly publicUrl: string | null;
}

const open = new Set([
  "/login",
  "/api/login",
  "/api/logout",
  "/api/health",
  "/api/ready",
  "/icon.svg",
]);

/**
 * Decides who enters: with a password, holders of a session; without one, requests that name this machine,
 * so that no web page elsewhere can reach a listener on loopback under a name of its own (DNS rebinding).
 * What is not known to be open is closed.
 */
export function admissionOf(asked: Asked): Admission {
  if (!asked.passwordAsked) return hostIsOurs(asked) ? "enter" : "foreign-host";
  if (asked.holdsSession || open.has(asked.path) || asked.path.startsWith("/_next/static/"))
    return "enter";
  return asked.path.startsWith("/api/") ? "unauthorized" : "login";
}

/** Where a login leads to: a path of ours, never another site. */
export function returnPath(wanted: string | null): string {
  return wanted !== null && /^\/(?![/\\])[^\s\\]*$/.test(wanted) && !wanted.startsWith("/login")
    ? wanted
    : "/";
}

/** Whether a request that changes something comes from our own pages. Tools without a browser send no `Origin`. */
export function fromOurPages(headers: Headers): boolean {
  if (["cross-site", "same-site"].includes(headers.get("sec-fetch-site") ?? "")) return false;
  const origin = headers.get("origin");
  if (origin === null) return true;
  if (!URL.canParse(origin)) return false;
  return [headers.get("host"), headers.get("x-forwarded-host")].includes(new URL(origin).host);
}

function hostIsOurs({ host, publicUrl }: Asked): boolean {
  const name = host?.replace(/:\d+$/, "").toLowerCase() ?? "";
  if (name === "localhost" || name.endsWith(".localhost") || name === "[::1]") return true;
  if (/^127(?:\.\d{1,3}){3}$/.test(name)) return true;
  return publicUrl !== null && new URL(publicUrl).hostname === name;
}
