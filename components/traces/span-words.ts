import type { TraceSpan } from "#lib/contract/trace.ts";

type Spoken = Pick<TraceSpan, "name" | "attributes" | "kind">;

/** What a span did, in a line: many senders name every span just after its method. */
export interface SpanWords {
  readonly name: string;
  /** Whom or what it asked for, where the name does not say so already; null when nobody said. */
  readonly target: string | null;
  /** The HTTP status, or what stands for it. */
  readonly status: string | null;
}

const pathKeys = ["url.path", "http.target", "http.route"] as const;
const hostKeys = [
  "proxy.upstream.name",
  "peer.service",
  "server.address",
  "net.peer.name",
  "http.host",
] as const;
const statusKeys = [
  "http.response.status_code",
  "http.status_code",
  "rpc.grpc.status_code",
  "error.type",
] as const;

/** Puts host and path beside a span's name: a client's with whom it asked, a server's with what it was asked for. */
export function spanWords(span: Spoken): SpanWords {
  const path = firstText(span, pathKeys) ?? pathOf(firstText(span, ["url.full", "http.url"]));
  const host = span.kind === "client" ? firstText(span, hostKeys) : null;
  const target = [host, path].filter((part) => part !== null).join(" ");
  return {
    name: span.name,
    target: target === "" || span.name.includes(target) ? null : target,
    status: firstText(span, statusKeys),
  };
}

function firstText(span: Spoken, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = span.attributes[key];
    if (typeof value === "number" || (typeof value === "string" && value !== ""))
      return String(value);
  }
  return null;
}

function pathOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).pathname : null;
}
