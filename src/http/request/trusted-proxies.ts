import { SocketAddress, isIP, isIPv4 } from 'node:net';
import { compile } from 'proxy-addr';
import { canonicalAddress } from '../../network.ts';

/** Names for ranges of addresses that no stranger has, as Express knows them. */
const names = ['loopback', 'linklocal', 'uniquelocal'];

/** Ranges with fewer bits in common are too many addresses to be all somebody's proxies. */
const fewestBits = { IPv4: 8, IPv6: 16 };

/** The proxies whose word on where a request came from is believed: addresses, CIDR ranges, names. Undefined if malformed. */
export function parseTrustedProxies(list: string): readonly string[] | undefined {
  const proxies = list.split(',').map((each) => each.trim());
  // Left to itself, proxy-addr takes the number 1 for an address, and IPv4 as a whole when it is written as IPv6.
  if (!proxies.every((each) => names.includes(each) || isNarrow(each))) return undefined;
  try {
    const isTrusted = compile(proxies);
    return isTrusted('0.0.0.1', 0) && isTrusted('255.255.255.254', 0) ? undefined : proxies;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export const trustedProxiesExpected =
  'addresses of your proxies, CIDR ranges from /8 (IPv4) or /16 (IPv6) on, or loopback, linklocal, uniquelocal, ' +
  'separated by commas';

/** Whether an address, in whatever spelling, is that of one of `proxies`. */
export function createProxyCheck(proxies: readonly string[]): (address: string | undefined) => boolean {
  const isTrusted = compile([...proxies]);
  return function isProxy(given = '') {
    const address = canonicalAddress(given);
    return address !== null && isTrusted(address, 0);
  };
}

/** Whether it is an address, or a range of them that is not too wide. */
function isNarrow(proxy: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/([0-9]+))?$/.exec(proxy) ?? [];
  if (isIP(address) === 0) return false;
  if (bits === undefined) return true;
  if (isIPv4(address)) return Number(bits) >= fewestBits.IPv4;
  const canonical = new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' }).address;
  const isMapped = /^::ffff:[0-9.]+$/.test(canonical);
  return Number(bits) >= (isMapped ? 96 + fewestBits.IPv4 : fewestBits.IPv6);
}
