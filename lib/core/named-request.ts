/** A request that a log line names. */
export interface NamedRequest {
  readonly method: string;
  /** As the line has it: a path, mostly with its query. */
  readonly path: string;
  /** Address of who asked, without a port; null where the line does not say. */
  readonly client: string | null;
}

/** What the request is that a line of an error log names, by its method and path; null where it names none. */
export function requestNamedBy(text: string): NamedRequest | null {
  return text.startsWith("{") ? namedByJson(text) : namedByText(text);
}

/** Whether an exchange, and the record it was read from, may be that request. */
export function mayBeRequest(
  { method, path, client }: NamedRequest,
  exchange: { readonly method: string | null; readonly path: string | null },
  raw: string,
): boolean {
  if (exchange.method !== method) return false;
  if (exchange.path !== path && !raw.includes(path)) return false;
  return client === null || raw.includes(client);
}

/** As nginx quotes it, and others after it: `request: "GET /a HTTP/1.1"`. */
function namedByText(text: string): NamedRequest | null {
  const found = /"(?<method>[A-Z]{3,10}) (?<target>[^\s"]+) HTTP\/\d/.exec(text)?.groups;
  if (found === undefined) return null;
  const client = /\bclient:? (?<client>\[?[0-9A-Fa-f:.]+)/.exec(text)?.groups?.["client"];
  return namedBy(found["method"], found["target"], client);
}

/** As Caddy writes it: an object `request`. */
function namedByJson(text: string): NamedRequest | null {
  const field = (name: string): string | undefined =>
    new RegExp(String.raw`"request":\{[^{}]*?"${name}":"(?<value>[^"\\]+)"`).exec(text)?.groups?.[
      "value"
    ];
  return namedBy(field("method"), field("uri"), field("client_ip") ?? field("remote_ip"));
}

function namedBy(
  method: string | undefined,
  target: string | undefined,
  client: string | undefined,
): NamedRequest | null {
  if (method === undefined || target === undefined) return null;
  const path = target.replace(/^[a-z]+:\/\/[^/]*/, "");
  if (!path.startsWith("/")) return null;
  return { method, path, client: client ?? null };
}
