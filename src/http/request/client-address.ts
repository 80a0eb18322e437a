/** Which address a request comes from, as far as those who passed it on are to be believed. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from '../../network.ts';
import { createProxyCheck } from './trusted-proxies.ts';

/** Why a trusted proxy could not be asked for the client: it names nobody, or in words that are no address. */
export type AddressFault = { readonly reason: 'missing' | 'malformed'; readonly hop: string };

export type ClientAddress = {
  /** With a fault that of the connection, which is a proxy's. */
  readonly address: string | null;
  readonly fault?: AddressFault;
};

/** `connection` is the address that the request came from, `forwarded` its `X-Forwarded-For`. */
export type FindClientAddress = (connection: string | undefined, forwarded: string) => ClientAddress;

/**
 * `X-Forwarded-For` counts only as far as the connection, and each hop behind it, belongs to a trusted proxy: each proxy adds
 * whom it was asked by at the end, and what stands before the word of a stranger is the stranger's own. An entry that
 * cannot be read ends the search, since nobody knows whose word the one before it is.
 */
export function createClientAddressFinder(trustedProxies: readonly string[]): FindClientAddress {
  const isProxy = createProxyCheck(trustedProxies);

  return function findClientAddress(connection, forwarded) {
    const own = canonicalAddress(connection ?? '');
    if (!isProxy(connection)) return { address: own };

    const hops = hopsOf(forwarded);
    // The proxy has added nothing, so that the last hop is what somebody claims.
    if (hops.length > 0 && /,\s*$/.test(forwarded)) return { address: own, fault: { reason: 'malformed', hop: '' } };
    let client: string | undefined;
    for (const hop of hops.reverse()) {
      const address = parseHop(hop);
      if (address === null) return { address: own, fault: { reason: 'malformed', hop } };
      client = address;
      if (!isProxy(address)) break;
    }
    return client === undefined ? { address: own, fault: { reason: 'missing', hop: '' } } : { address: client };
  };
}

/** Commas part the hops even between quotes: no hop has one in it, and a stray quote must not swallow the hop behind it. */
function hopsOf(forwarded: string): string[] {
  return forwarded
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
}

/**
 * The address of a hop. Proxies write it bare, with the port that they saw (`203.0.113.9:4711`), in brackets with or without
 * one (`[2001:db8::9]:4711`), and any of these between quotes, as `Forwarded` has it (RFC 7239, 6). Null for all else.
 */
function parseHop(hop: string): string | null {
  const node = /^"(.*)"$/.exec(hop)?.[1] ?? hop;
  if (isIP(node) !== 0) return canonicalAddress(node);
  const [, ipv6, ipv4 = '', port] = /^(?:\[([^\]]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(node) ?? [];
  const isAddress = ipv6 === undefined ? isIPv4(ipv4) : isIPv6(ipv6);
  return isAddress && (port === undefined || isPort(Number(port))) ? canonicalAddress(ipv6 ?? ipv4) : null;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
