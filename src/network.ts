/** Network addresses: how they are written, and which network they are in. */
import { isIPv4, isIPv6 } from 'node:net';

/**
 * The address spelled in one way only: IPv6 as RFC 5952 wants, without a zone, which is the business of one machine; IPv4
 * within IPv6 as IPv4 (RFC 4291, 2.5.5.2). Null for what is no address.
 */
export function canonicalAddress(address: string): string | null {
  const bare = address.replace(/%.*$/s, '');
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return null;
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? dotted(groups.slice(6)) : serialise(bare);
}

/** The network that an address is in, of so many bits: `192.0.2.0/24`, `2001:db8::/48`. Null for what is no address. */
export function networkIn(address: string, bits: { ipv4: 24 | 32; ipv6: 48 | 64 }): string | null {
  const canonical = canonicalAddress(address);
  if (canonical === null) return null;
  if (isIPv4(canonical)) {
    const octets = canonical.split('.').map((octet, at) => (at < bits.ipv4 / 8 ? octet : '0'));
    return `${octets.join('.')}/${bits.ipv4}`;
  }
  const prefix = groupsOf(canonical).slice(0, bits.ipv6 / 16);
  return `${serialise(`${prefix.map((group) => group.toString(16)).join(':')}::`)}/${bits.ipv6}`;
}

/** As the URL Standard serializes an IPv6 host, which is how RFC 5952 does. */
function serialise(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** All eight, as numbers. */
function groupsOf(address: string): number[] {
  const [head = '', tail = ''] = serialise(address).split('::');
  const [before, after] = [head, tail].map((text) => text.split(':').filter(Boolean)) as [string[], string[]];
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function dotted(groups: readonly number[]): string {
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}
