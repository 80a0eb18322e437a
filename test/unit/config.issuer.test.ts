import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { faultsOf } from '../support/config-faults.ts';

describe('BASE_PATH', () => {
  it('is none, unless it is set', () => {
    expect(readConfig({}).basePath).toBe('');
    expect(readConfig({ BASE_PATH: '/' }).basePath).toBe('');
  });

  it('is a path, with or without a slash behind it, and need not be that of the issuer', () => {
    for (const path of ['/auth', '/a/b-c_d.e~f']) {
      expect(readConfig({ BASE_PATH: path }).basePath).toBe(path);
      expect(readConfig({ BASE_PATH: `${path}/`, ISSUER: 'https://a.example/b' }).basePath).toBe(path);
    }
  });

  it('is in the issuer, where that is not set', () => {
    expect(readConfig({ BASE_PATH: '/auth/' }).issuer).toBe('http://127.0.0.1:8080/auth');
  });

  it.each([
    'auth',
    '//auth',
    '/auth//',
    '/a//b',
    '/a/../b',
    '/.',
    '/a b',
    '/a%20b',
    '/a?b',
    '/a#b',
    'https://a.example/b',
  ])('is refused as %s', (path) => {
    const expected = 'a path, such as /auth, that requests to this server begin with: letters, digits and -._~';
    expect(faultsOf({ BASE_PATH: path })).toEqual([`BASE_PATH: expected ${expected}; found ${JSON.stringify(path)}`]);
  });
});

describe('ISSUER', () => {
  const expected =
    'ISSUER: expected the public URL of this server, with no slash at its end: https://tokens.example.com, https://example.com/auth; ';

  it('is an http or https origin, and may have a path [RFC8414-2/issuer]', () => {
    for (const issuer of [
      'https://tokens.example.com',
      'http://localhost:3000',
      'https://[::1]:8443',
      'https://example.com/auth',
      'http://localhost:3000/a/B_-~.9/.c',
    ]) {
      expect(readConfig({ ISSUER: issuer }).issuer).toBe(issuer);
    }
  });

  const refused = [
    'https://tokens.example.com/',
    'https://tokens.example.com/auth/',
    'https://tokens.example.com//auth',
    'https://tokens.example.com/a/../auth',
    'https://tokens.example.com/.',
    'https://tokens.example.com/a%20b',
    'https://tokens.example.com/a;b',
    'https://tokens.example.com\\auth',
    'https://tokens.example.com/auth?x',
    'https://tokens.example.com?x',
    'https://tokens.example.com#x',
    'https://tokens.example.com:443',
    'HTTPS://tokens.example.com',
    'ftp://tokens.example.com',
    'urn:example',
    'tokens.example.com',
    'localhost:8080',
    '//tokens.example.com',
    'null',
  ];

  it.each(refused)('is refused as %s', (issuer) => {
    expect(faultsOf({ ISSUER: issuer })).toEqual([`${expected}found ${JSON.stringify(issuer)}`]);
  });

  it('is not shown when it may hold a password', () => {
    const faults = faultsOf({ ISSUER: 'https://user:secret@tokens.example.com' });
    expect(faults).toEqual([`${expected}found a value that is not shown, since it may hold a password`]);
  });

  it('follows HOST and PORT, unless nobody could reach the server there', () => {
    expect(readConfig({ HOST: 'localhost', PORT: '81' }).issuer).toBe('http://localhost:81');
    expect(readConfig({ HOST: '::1', PORT: '81' }).issuer).toBe('http://[::1]:81');
    expect(readConfig({ HOST: 'LOCALHOST', PORT: '81' }).issuer).toBe('http://localhost:81');
    expect(readConfig({ HOST: 'my_host-1.example.', PORT: '81' }).issuer).toBe('http://my_host-1.example.:81');
    for (const host of ['0.0.0.0', '::', '::0', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0']) {
      expect(faultsOf({ HOST: host })).toEqual([`${expected}it is not set`]);
      expect(readConfig({ HOST: host, ISSUER: 'https://a.example' }).issuer).toBe('https://a.example');
    }
  });

  it('is the audience of tokens, unless that is set', () => {
    expect(readConfig({ ISSUER: 'https://a.example' }).audience).toBe('https://a.example');
    expect(readConfig({ AUDIENCE: 'urn:example:api' }).audience).toBe('urn:example:api');
  });
});
