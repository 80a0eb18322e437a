import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { faultsOf } from '../support/config-faults.ts';

describe('CORS_ORIGINS', () => {
  const originsOf = (list: string) => readConfig({ CORS_ORIGINS: list }).corsOrigins;

  it('lists no origin, unless it is set', () => {
    expect(readConfig({}).corsOrigins).toEqual([]);
    expect(originsOf(' ')).toEqual([]);
  });

  it('lists exact origins of http and https', () => {
    const list = 'https://app.example.com,http://localhost:3000, https://[2001:db8::1]:8443 ,https://my_app.example';
    expect(originsOf(list)).toEqual([
      'https://app.example.com',
      'http://localhost:3000',
      'https://[2001:db8::1]:8443',
      'https://my_app.example',
    ]);
  });

  it.each([
    ['a slash behind it', 'https://app.example.com/', 'https://app.example.com'],
    ['a host in upper case', 'https://App.Example.COM', 'https://app.example.com'],
    ['a scheme in upper case', 'HTTPS://app.example.com', 'https://app.example.com'],
    ['the port that https has anyway', 'https://app.example.com:443', 'https://app.example.com'],
    ['the port that http has anyway', 'http://app.example.com:80/', 'http://app.example.com'],
    ['letters that are not of ASCII', 'https://bücher.example', 'https://xn--bcher-kva.example'],
    ['an IPv6 address in full', 'http://[0:0:0:0:0:0:0:1]:3000', 'http://[::1]:3000'],
  ])('takes %s for what browsers send', (_, written, sent) => {
    expect(originsOf(written)).toEqual([sent]);
  });

  const expected =
    'CORS_ORIGINS: expected origins of pages, separated by commas: https://app.example.com,http://localhost:3000; ';

  it.each([
    ['*', '* would let in pages that nobody has named: list each origin by itself'],
    ['https://*.example.com', '* would let in pages that nobody has named: list each origin by itself'],
    ['https://app.example.com,*', '* would let in pages that nobody has named: list each origin by itself'],
    ['null', 'null is what pages of no origin send, whoever made them'],
    ['https://app.example.com,NULL', 'null is what pages of no origin send, whoever made them'],
    [
      'https://app.example.com/app',
      '"https://app.example.com/app" is more than an origin: write https://app.example.com',
    ],
    ['HTTP://App.example:80/a?b#c', '"HTTP://App.example:80/a?b#c" is more than an origin: write http://app.example'],
    ['https://app.example.com?x', '"https://app.example.com?x" is more than an origin: write https://app.example.com'],
    ['https://app.example.com/#', '"https://app.example.com/#" is more than an origin: write https://app.example.com'],
    ['https://a.example,,https://b.example', 'there is nothing between two commas, or behind the last'],
    ['https://a.example,', 'there is nothing between two commas, or behind the last'],
    ...[
      'app.example.com',
      'localhost:3000',
      '//app.example.com',
      'https:app.example.com',
      'https:\\\\app.example.com',
      'https://',
      'https://app.example.com:x',
      'https://app.example.com:65536',
      'file:///app.html',
      'capacitor://localhost',
      'https://a.example https://b.example',
      '"https://app.example.com"',
      "'https://app.example.com'",
      '["https://app.example.com"]',
      '/^https/',
    ].map((text): [string, string] => [text, `${JSON.stringify(text)} is no origin of http or https`]),
  ])('is refused as %s', (list, why) => {
    expect(faultsOf({ CORS_ORIGINS: list })).toEqual([expected + why]);
  });

  it('is not shown when it may hold a password', () => {
    for (const list of ['https://user:hunter2@app.example.com', 'https://a.example,hunter2@b.example/x'])
      expect(faultsOf({ CORS_ORIGINS: list })).toEqual([
        `${expected}one of them has a name or a password in it, which no origin has`,
      ]);
  });
});
