import { networkIn } from '../network.ts';

/**
 * Whom an address is counted for: an IPv4 address for itself, an IPv6 address for its /64, all of which one subscriber
 * holds (RFC 6177, 2). Those of whom it is not known are counted together.
 */
export function networkOf(address: string | null | undefined): string {
  return networkIn(address ?? '', { ipv4: 32, ipv6: 64 }) ?? 'unknown';
}
