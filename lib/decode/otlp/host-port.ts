const hostsMax = 4096;
const portsMax = 64;

const byHost = new Map<string, Map<number, string>>();

/** `host:port`, an IPv6 address in brackets; the same string for the same pair, as long as few are in use. */
export function hostPort(host: string, port: number | null): string {
  if (port === null || port === 0) return host;
  const ports = portsOf(host);
  let joined = ports.get(port);
  if (joined === undefined) {
    joined = host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
    if (ports.size >= portsMax) ports.clear();
    ports.set(port, joined);
  }
  return joined;
}

function portsOf(host: string): Map<number, string> {
  const known = byHost.get(host);
  if (known !== undefined) return known;
  if (byHost.size >= hostsMax) byHost.clear();
  const ports = new Map<number, string>();
  byHost.set(host, ports);
  return ports;
}
