const hostsMax = 4096;

const byHost = new Map<string, Map<number, string>>();

/** `host:port`, an IPv6 address in brackets; the same string for the same pair, as long as few are in use. */
export function hostPort(host: string, port: number | null): string {
  if (port === null || port === 0) return host;
  const ports = byHost.get(host);
  const known = ports?.get(port);
  if (known !== undefined) return known;
  const joined =
    host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
  if (byHost.size >= hostsMax || (ports?.size ?? 0) >= hostsMax) byHost.clear();
  const kept = byHost.get(host) ?? new Map<number, string>();
  byHost.set(host, kept.set(port, joined));
  return joined;
}
