import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { createReach, parseReachAllowed } from '../../../src/clients/reach.ts';

const publicOnly = (allow: string[] = []) => createReach({ isPublicOnly: true, allow });

describe('where servers may fetch keys from', () => {
  it.each(['8.8.8.8', '1.1.1.1', '93.184.215.14', '172.15.255.255', '172.32.0.1', '100.63.255.255', '223.255.255.255'])(
    'is the internet: %s',
    (address) => {
      expect(publicOnly()('keys.example.com', address)).toBe(true);
    },
  );

  it.each(['2606:2800:220:1:248:1893:25c8:1946', '2a00:1450:4001:80b::200e', '2001:4860:4860::8888'])(
    'is the internet of IPv6 as well: %s',
    (address) => {
      expect(publicOnly()('keys.example.com', address)).toBe(true);
    },
  );

  it.each([
    ...['0.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254'],
    ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.170', '192.0.2.1', '192.88.99.1', '192.168.0.1'],
    ...[
      '198.18.0.1',
      '198.19.255.255',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '239.255.255.255',
      '255.255.255.255',
      '168.63.129.16',
    ],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1'],
    ...['fc00::1', 'fdff::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '2001::1', '2001:2::1', '2001:db8::1'],
    ...['2002:7f00:1::1', '3fff::1', '4000::1', '5f00::1', 'localhost', '', '127.1', '0x7f.1'],
  ])('is no place that the internet does not lead to: %s', (address) => {
    expect(publicOnly()('keys.example.com', address)).toBe(false);
  });

  it('is whatever is allowed beside that: a host name, whatever it stands for, an address, a range', () => {
    const isReachable = publicOnly(['keys.internal', '10.1.0.0/16', '192.168.1.7', 'fd00:1::/32']);
    expect(isReachable('keys.internal', '10.9.9.9')).toBe(true);
    expect(isReachable('other.keys.internal', '10.9.9.9')).toBe(false);
    expect(isReachable('x', '10.1.255.1')).toBe(true);
    expect(isReachable('x', '::ffff:10.1.255.1')).toBe(true);
    expect(isReachable('x', '10.2.0.1')).toBe(false);
    expect(isReachable('x', '192.168.1.7')).toBe(true);
    expect(isReachable('x', '192.168.1.8')).toBe(false);
    expect(isReachable('x', 'fd00:1::5')).toBe(true);
    expect(isReachable('x', 'fd00:2::5')).toBe(false);
    expect(isReachable('keys.internal', 'no address')).toBe(false);
  });

  it('is anywhere where nothing is public only', () => {
    expect(createReach({ isPublicOnly: false, allow: [] })('localhost', '127.0.0.1')).toBe(true);
  });

  it('is the same for an IPv4 address that is written as IPv6', () => {
    const isReachable = publicOnly();
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isReachable('x', `::ffff:${address}`)).toBe(isReachable('x', address));
      }),
    );
  });
});

describe('the list of what is allowed', () => {
  it('has host names, addresses and ranges', () => {
    expect(parseReachAllowed('Keys.Internal, 10.0.0.0/8,fd00::/8 , 127.0.0.1, localhost, svc.cluster.local')).toEqual([
      ...['keys.internal', '10.0.0.0/8', 'fd00::/8', '127.0.0.1', 'localhost', 'svc.cluster.local'],
    ]);
  });

  it.each([
    '',
    'a,,b',
    '10.0.0.0/33',
    '10.0.0',
    '10',
    '0x7f000001',
    'fd00::/129',
    'https://a.example',
    'a b',
    '*.a.example',
  ])('has nothing else: %s', (list) => {
    expect(parseReachAllowed(list)).toBeUndefined();
  });
});
