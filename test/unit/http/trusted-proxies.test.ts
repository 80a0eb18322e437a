import { expect, it } from 'vitest';
import { parseTrustedProxies } from '../../../src/http/request/trusted-proxies.ts';

it.each([
  ['loopback', ['loopback']],
  ['10.1.2.3', ['10.1.2.3']],
  [' 10.0.0.0/8 ,uniquelocal, linklocal', ['10.0.0.0/8', 'uniquelocal', 'linklocal']],
  ['::1,2001:db8::/32,fd00::/16', ['::1', '2001:db8::/32', 'fd00::/16']],
  ['::ffff:10.0.0.0/104', ['::ffff:10.0.0.0/104']],
  ['::ffff:10.1.2.3', ['::ffff:10.1.2.3']],
])('%j names proxies to trust', (list, proxies) => {
  expect(parseTrustedProxies(list)).toEqual(proxies);
});

it.each(['true', '1', '2', '0x7f000001', 'localhost', 'proxy.example.com', 'Loopback', '10.0.0.256', '10.0.0', '*'])(
  '%j names no address',
  (list) => {
    expect(parseTrustedProxies(list)).toBeUndefined();
    expect(parseTrustedProxies(`loopback,${list}`)).toBeUndefined();
  },
);

it.each(['10.0.0.0/33', '::1/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/255.0.0.0', 'loopback/8'])(
  '%j is no range',
  (list) => {
    expect(parseTrustedProxies(list)).toBeUndefined();
  },
);

it.each(['', ',', 'loopback,', 'loopback,,10.0.0.1', '10.0.0.1 10.0.0.2', '10.0.0.1;10.0.0.2'])(
  '%j is no list',
  (list) => {
    expect(parseTrustedProxies(list)).toBeUndefined();
  },
);

it.each(['0.0.0.0/0', '::/0', '::ffff:0:0/96', '::ffff:0.0.0.0/96', '0.0.0.0/1,128.0.0.0/1', 'loopback,0.0.0.0/0'])(
  '%j is everybody',
  (list) => {
    expect(parseTrustedProxies(list)).toBeUndefined();
  },
);

it.each(['10.0.0.0/7', '128.0.0.0/1', 'fc00::/7', '2000::/3', '2001::/15', '::ffff:10.0.0.0/103', '::FFFF:a00:0/97'])(
  '%j is too many to be proxies',
  (list) => {
    expect(parseTrustedProxies(list)).toBeUndefined();
    expect(parseTrustedProxies(`loopback,${list}`)).toBeUndefined();
  },
);
