/** Where servers may go to fetch what a client publishes: not wherever a name that somebody registered may lead. */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { canonicalAddress } from '../network.ts';

export type Reach = {
  /** Whether only public addresses are reached, and those that are allowed beside them. */
  readonly isPublicOnly: boolean;
  /** Host names, addresses, and CIDR ranges. */
  readonly allow: readonly string[];
};

/** Whether the address that a host name stands for, or an address that stands in the URL itself, may be connected to. */
export type IsReachable = (hostname: string, address: string) => boolean;

/**
 * IANA's special-purpose registry of IPv4 (RFC 6890), and multicast: whatever is no address of one host of the internet. And
 * the address at which Azure's own services answer from within a machine.
 */
const special4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 ' +
  '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32';

/** Of IPv6 the internet is in one range, but for these in it: among them those that carry an IPv4 address inside. */
const global6 = '2000::/3';
const special6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';

const special = rangesOf(`${special4} ${special6}`.split(' '));
const global = rangesOf(['0.0.0.0/0', global6]);

export function createReach({ isPublicOnly, allow }: Reach): IsReachable {
  if (!isPublicOnly) return () => true;
  const names = new Set(allow.filter((each) => !isRange(each)));
  const ranges = rangesOf(allow.filter(isRange));
  return (hostname, given) => {
    const address = canonicalAddress(given);
    if (address === null) return false;
    if (names.has(hostname)) return true;
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    return ranges.check(address, family) || (global.check(address, family) && !special.check(address, family));
  };
}

export const reachAllowedExpected = 'host names, addresses or CIDR ranges, separated by commas';

/** The list of JWKS_URI_ALLOW. Undefined if malformed. */
export function parseReachAllowed(list: string): readonly string[] | undefined {
  const all = list.split(',').map((each) => each.trim().toLowerCase());
  return all.every((each) => isRange(each) || isHostName(each)) ? all : undefined;
}

/** Whether it is an address, or a range of them. */
function isRange(text: string): boolean {
  const [, address = '', bits = '0'] = /^([^/%]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIPv4(address) ? 32 : 128);
}

/** One whose last label is no number, or it would be an address in another spelling (URL Standard, 3.5). */
function isHostName(text: string): boolean {
  return (
    text.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
  );
}

function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  return list;
}
