import fc from '../support/property.ts';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, networkIn } from '../../src/network.ts';

const coarse = { ipv4: 24, ipv6: 48 } as const;

describe('the network that an address is in', () => {
  it.each([
    ['192.0.2.1', '192.0.2.0/24'],
    ['192.0.2.255', '192.0.2.0/24'],
    ['0.0.0.0', '0.0.0.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:DB8:0001:FFFF::', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8::/48'],
    ['2001:0:5::', '2001:0:5::/48'],
    ['::1', '::/48'],
    ['::', '::/48'],
    ['0:0:5::', '0:0:5::/48'],
    ['1::8', '1::/48'],
    ['fe80::1%eth0', 'fe80::/48'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['::FFFF:c000:24d', '192.0.2.0/24'],
    ['0:0:0:0:0:ffff:192.0.2.77', '192.0.2.0/24'],
    ['::ffff:0:192.0.2.77', '::/48'],
    ['64:ff9b::192.0.2.77', '64:ff9b::/48'],
  ])('of %s is %s', (address, network) => {
    expect(networkIn(address, coarse)).toBe(network);
  });

  it.each(['', 'unknown', '192.0.2', '192.0.2.1:80', '[::1]', '192.0.2.256', 'a.example', '%eth0', '1:2'])(
    'of %j is unknown, since that is no address',
    (address) => {
      expect(networkIn(address, coarse)).toBeNull();
      expect(canonicalAddress(address)).toBeNull();
    },
  );

  it('says nothing of the host: 8 bits of IPv4, 80 of IPv6 (RFC 5952)', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(255), (address, host) => {
        const [a, b, c] = address.split('.');
        expect(networkIn(`${a}.${b}.${c}.${host}`, coarse)).toBe(`${a}.${b}.${c}.0/24`);
      }),
    );
    const group = fc.integer({ min: 1, max: 0xffff });
    fc.assert(
      fc.property(fc.tuple(group, group, group), fc.array(group, { minLength: 5, maxLength: 5 }), (prefix, host) => {
        const hex = (groups: number[]) => groups.map((each) => each.toString(16)).join(':');
        expect(networkIn(hex([...prefix, ...host]), coarse)).toBe(`${hex(prefix)}::/48`);
      }),
    );
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:0DB8:0:0::0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:192.0.2.77', '192.0.2.77'],
    ['0:0:0:0:0:FFFF:c000:024d', '192.0.2.77'],
    ['::ffff:192.0.2.77%eth0', '192.0.2.77'],
    ['::', '::'],
  ])('%s is spelled %s', (address, spelled) => {
    expect(canonicalAddress(address)).toBe(spelled);
    expect(canonicalAddress(spelled)).toBe(spelled);
  });

  it('is in one network however it is spelled', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const spelled = canonicalAddress(address) ?? '';
        expect(canonicalAddress(spelled)).toBe(spelled);
        for (const bits of [coarse, { ipv4: 32, ipv6: 64 } as const])
          expect(networkIn(address.toUpperCase(), bits)).toBe(networkIn(spelled, bits));
      }),
    );
  });
});
