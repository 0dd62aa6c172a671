import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import ipaddr from "ipaddr.js";

/** What may be connected to; made once from the operator's settings. */
export interface TargetGuard {
  /** The addresses to connect to, and no others; throws a BlockedTarget when the target may not be used. */
  admit(target: Target): Promise<ResolvedAddress[]>;
}

export interface Target {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the transport is encrypted. */
  readonly encrypted: boolean;
  /** Ports that public hosts may be reached at. */
  readonly openPorts: readonly number[];
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The target is one that we are kept away from; the message says why. */
export class BlockedTarget extends Error {
  override name = "BlockedTarget";
}

export type Resolver = (host: string) => Promise<readonly ResolvedAddress[]>;

/**
 * Lets connections go to public addresses over TLS, and to what the operator's list names: networks (`10.0.0.0/8`),
 * addresses, hosts (`hooks.internal`) and their subdomains (`*.internal`). Addresses at which clouds hand out
 * credentials are refused whatever the list says. Every address of a name is looked at, literal ones as well.
 * `variable` is the setting that refusals point to.
 */
export function targetGuard(
  allowed: readonly string[],
  resolver: Resolver = systemResolver,
  variable = "VIASCOPE_WEBHOOK_ALLOW",
): TargetGuard {
  const networks = allowed.map(networkOf).filter((network) => network !== null);
  const hosts = allowed
    .filter((entry) => networkOf(entry) === null)
    .map((entry) => entry.toLowerCase());
  const isListed = (host: string, address: string) =>
    hosts.some((entry) =>
      entry.startsWith("*.") ? host.endsWith(entry.slice(1)) : host === entry,
    ) || networks.some((network) => contains(network, address));
  return {
    async admit(target) {
      const host = target.host.toLowerCase().replace(/\.$/, "");
      const addresses = isIP(host) === 0 ? await resolver(host) : [literalAddress(host)];
      for (const { address } of addresses) {
        const problem = isCredentialService(address)
          ? `${address} hands out credentials of machines and is never connected to`
          : isListed(host, address)
            ? null
            : problemOfOpenTarget(address, target, variable);
        if (problem !== null) throw new BlockedTarget(problem);
      }
      return [...addresses];
    },
  };
}

function problemOfOpenTarget(address: string, target: Target, variable: string): string | null {
  if (!isPublic(address)) {
    return `${address} is not a public address; an operator can allow it in ${variable}`;
  }
  if (!target.encrypted) {
    return `the address is not encrypted (https); an operator can allow it in ${variable}`;
  }
  if (!target.openPorts.includes(target.port)) {
    return `port ${target.port} is not ${target.openPorts.join(" or ")}; an operator can allow the host in ${variable}`;
  }
  return null;
}

/** Whether an entry of the operator's list can be read: a network, an address or a host name. */
export function isAllowEntry(entry: string): boolean {
  return networkOf(entry) !== null || /^(\*\.)?[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(entry);
}

/** What connecting to a URL means. */
export function targetOf(url: URL): Target {
  const encrypted = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (encrypted ? 443 : 80) : Number(url.port),
    encrypted,
    openPorts: [443, 8443],
  };
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

function networkOf(entry: string): Network | null {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (isIP(entry) === 0) return null;
  const address = ipaddr.process(entry);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function contains([base, bits]: Network, text: string): boolean {
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4 && base instanceof ipaddr.IPv4)
    return address.match(base, bits);
  return address instanceof ipaddr.IPv6 && base instanceof ipaddr.IPv6 && address.match(base, bits);
}

function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

/** 168.63.129.16 answers virtual machines on Azure, 100.100.100.200 those on Alibaba Cloud; link-local has the rest. */
const credentialServices = [
  "169.254.0.0/16",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "fd00:ec2::/32",
];
const credentialNetworks = credentialServices.map((entry): Network => ipaddr.parseCIDR(entry));
const translated = new Set(["rfc6052", "rfc6145", "6to4", "teredo", "ipv4Mapped"]);

function isCredentialService(text: string): boolean {
  if (!ipaddr.isValid(text)) return true;
  return [text, ...embedded(text)].some((address) =>
    credentialNetworks.some((network) => contains(network, address)),
  );
}

/** The IPv4 addresses that a translating network would reach for this IPv6 address. */
function embedded(text: string): string[] {
  const address = ipaddr.process(text);
  if (!(address instanceof ipaddr.IPv6) || !translated.has(address.range())) return [];
  const bytes = address.toByteArray();
  return [bytes.slice(12, 16), bytes.slice(2, 6)].map((part) => part.join("."));
}

function literalAddress(host: string): ResolvedAddress {
  const address = ipaddr.process(host);
  return { address: address.toString(), family: address.kind() === "ipv4" ? 4 : 6 };
}

async function systemResolver(host: string): Promise<ResolvedAddress[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}
