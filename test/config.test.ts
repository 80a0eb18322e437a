import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';
import { newInstallation, run } from './support/process.ts';

type Environment = Record<string, string>;

/** What the operator is told, one fault a line. */
function faultsOf(environment: Environment): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [head, ...faults] = (error as Error).message.split('\n  - ');
    expect(head).toBe('The environment cannot be used:');
    return faults;
  }
  return [];
}

const seconds: Environment = {
  KEY_ROTATE_EVERY: '4s',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '1s',
  REFRESH_TOKEN_LIFETIME: '1s',
  REFRESH_REUSE_GRACE: '0s',
  SESSION_LIFETIME: '1s',
  SHUTDOWN_GRACE: '1s',
};

/** One wrong value for each variable, and what is said to have been expected. */
const wrong: [variable: string, value: string, expected: string][] = [
  ['HOST', 'a b', 'text without spaces'],
  ['PORT', '0', 'a whole number from 1 to 65535'],
  ['PORT', '65536', 'a whole number from 1 to 65535'],
  ['PORT', '80.5', 'a whole number from 1 to 65535'],
  ['PORT', '-1', 'a whole number from 1 to 65535'],
  ['PORT', '1e3', 'a whole number from 1 to 65535'],
  ['PORT', '0x50', 'a whole number from 1 to 65535'],
  ['PORT', 'http', 'a whole number from 1 to 65535'],
  ['AUDIENCE', 'two words', 'text without spaces'],
  ['DATABASE_URL', 'mysql://localhost/x', 'sqlite: and a file name'],
  ['DATABASE_URL', 'sqlite:', 'sqlite: and a file name'],
  ['DATABASE_URL', 'data/tessera.db', 'sqlite: and a file name'],
  ['REPLY_CHECKS', 'on', 'one of off, log, enforce'],
  ['REPLY_CHECKS', 'OFF', 'one of off, log, enforce'],
  ['RATE_LIMITS', 'true', 'one of on, off'],
  ...['true', '1', 'proxy.example.com', '0.0.0.0/0', '::/0', '10.0.0.0/7', 'fc00::/7'].map(
    (value): [string, string, string] => [
      'TRUST_PROXY',
      value,
      'addresses of your proxies, CIDR ranges from /8 (IPv4) or /16 (IPv6) on, or loopback, linklocal, uniquelocal, separated by commas',
    ],
  ),
  ['LOG_LEVEL', 'verbose', 'one of fatal, error, warn, info, debug, trace, silent'],
  ['ARGON2_MEMORY_KIB', '19455', 'a whole number from 19456 to 2097152'],
  ['ARGON2_PASSES', '1', 'a whole number from 2 to 100'],
  ['ARGON2_LANES', '0', 'a whole number from 1 to 64'],
  ...Object.keys(seconds).flatMap((variable): [string, string, string][] => {
    const mayBeZero = ['CLOCK_SKEW', 'REFRESH_REUSE_GRACE'].includes(variable);
    const most = variable === 'REFRESH_REUSE_GRACE' ? '300s' : '3650d';
    const expected = `a duration from ${mayBeZero ? 0 : 1}s to ${most}, such as 90s, 15m, 12h or 30d`;
    const values = ['900', '15 m', '15M', '1w', '-1s', '1.5h', '3651d', 'm', '1h30m', '999999999d', '٣s'];
    const more = [...(mayBeZero ? [] : ['0s']), ...(most === '300s' ? ['301s', '1h'] : [])];
    return [...values, ...more].map((value) => [variable, value, expected]);
  }),
];

describe('the environment', () => {
  it('may be empty: every setting has a default that works', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      issuer: 'http://127.0.0.1:8080',
      audience: 'http://127.0.0.1:8080',
      databaseUrl: 'sqlite:data/tessera.db',
      keysDir: 'keys',
      keyEncryptionKey: undefined,
      replyChecks: 'enforce',
      refreshTokenLifetime: 30 * 86_400,
      refreshReuseGrace: 10,
      sessionLifetime: 90 * 86_400,
      rateLimits: 'on',
      trustedProxies: [],
      keyPolicy: { tokenLifetime: 900 },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each(wrong)('is refused where %s is %j, with what was expected', (variable, value, expected) => {
    expect(faultsOf({ [variable]: value })).toContain(
      `${variable}: expected ${expected}; found ${JSON.stringify(value)}`,
    );
  });

  it('is refused whole: every fault at once', () => {
    const variables = [...new Set(wrong.map(([variable]) => variable))];
    const environment = Object.fromEntries(wrong.map(([variable, value]) => [variable, value]));
    const faults = faultsOf({ ...environment, ISSUER: 'x' });
    expect(faults.map((fault) => fault.split(':')[0]).toSorted()).toEqual([...variables, 'ISSUER'].toSorted());
  });

  it('is refused for durations that cannot work together beside any other fault, unless one of them is faulty itself', () => {
    const nameOf = (fault: string) => fault.split(/[ :]/)[0];
    const short = { ...seconds, KEY_PUBLISH_BEFORE: '2s', KEY_ROTATE_EVERY: '2s' };
    const others = { PORT: 'x', LOG_LEVEL: 'loud', REFRESH_TOKEN_LIFETIME: 'x' };
    expect(faultsOf({ ...short, ...others }).map(nameOf)).toEqual([
      'PORT',
      'REFRESH_TOKEN_LIFETIME',
      'LOG_LEVEL',
      'KEY_PUBLISH_BEFORE',
      'KEY_ROTATE_EVERY',
    ]);
    expect(faultsOf({ ...short, CLOCK_SKEW: 'x' }).map(nameOf)).toEqual(['CLOCK_SKEW']);
  });

  it('takes an empty variable for one that is not there', () => {
    const variables = [...wrong.map(([variable]) => variable), 'ISSUER', 'KEYS_DIR', 'KEY_ENCRYPTION_KEY', 'NODE_ENV'];
    for (const nothing of ['', ' ', '\t']) {
      const environment = Object.fromEntries(variables.map((variable) => [variable, nothing]));
      expect(readConfig(environment)).toEqual(readConfig({}));
    }
  });

  it('takes durations in seconds, minutes, hours and days', () => {
    const lifetimes: Environment = { '90s': '90', '15m': '900', '12h': '43200', '30d': '2592000', '007s': '7' };
    for (const [written, meant] of Object.entries(lifetimes)) {
      expect(readConfig({ REFRESH_TOKEN_LIFETIME: written }).refreshTokenLifetime).toBe(Number(meant));
    }
  });

  it('makes RSA keys of 2048 bits for RS256, unless another algorithm or size is asked for', () => {
    expect(readConfig({})).toMatchObject({ keyPolicy: { algorithm: 'RS256' }, modulusBits: 2048 });
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'])
      expect(readConfig({ KEY_ALGORITHM: algorithm }).keyPolicy.algorithm).toBe(algorithm);
    for (const bits of [2048, 3072, 4096]) expect(readConfig({ KEY_RSA_BITS: String(bits) }).modulusBits).toBe(bits);
    expect(faultsOf({ KEY_ALGORITHM: 'HS256', KEY_RSA_BITS: '1024' })).toEqual([
      'KEY_ALGORITHM: expected one of RS256, PS256, ES256, EdDSA; found "HS256"',
      'KEY_RSA_BITS: expected one of 2048, 3072, 4096; found "1024"',
    ]);
  });

  it('may have durations of a second or so, all together', () => {
    expect(readConfig(seconds).keyPolicy).toEqual({
      algorithm: 'RS256',
      rotateEvery: 4,
      publishBefore: 3,
      jwksMaxAge: 1,
      verifierCache: 1,
      replicaRefresh: 1,
      clockSkew: 0,
      tokenLifetime: 1,
    });
  });

  it('may not have a key sign before every verifier can know it; the numbers are named', () => {
    const [fault, ...more] = faultsOf({ ...seconds, KEY_PUBLISH_BEFORE: '2s' });
    expect(fault).toBe(
      'KEY_PUBLISH_BEFORE is 2s but must be at least 3s: REPLICA_REFRESH (1s) + JWKS_MAX_AGE (1s) + ' +
        'VERIFIER_CACHE (1s) + 2 * CLOCK_SKEW (0s). Otherwise a key could sign before every verifier has fetched it.',
    );
    expect(more).toEqual([]);
    expect(faultsOf({ ...seconds, CLOCK_SKEW: '1s' })[0]).toContain('at least 5s');
  });

  it('may not rotate keys faster than they can be published; the numbers are named', () => {
    expect(faultsOf({ ...seconds, KEY_ROTATE_EVERY: '3s' })).toEqual([
      'KEY_ROTATE_EVERY is 3s but must be more than KEY_PUBLISH_BEFORE (3s). ' +
        'Otherwise the next key could not be published in time.',
    ]);
    expect(faultsOf({ KEY_ROTATE_EVERY: '1h' })).toHaveLength(1);
  });

  it('has replies enforced, in production only logged, unless it says otherwise', () => {
    for (const NODE_ENV of ['production', ' Production']) expect(readConfig({ NODE_ENV }).replyChecks).toBe('log');
    expect(readConfig({ NODE_ENV: 'development' }).replyChecks).toBe('enforce');
    expect(readConfig({ NODE_ENV: 'production', REPLY_CHECKS: 'off' }).replyChecks).toBe('off');
  });

  it('does without limits only where it is no production', () => {
    expect(readConfig({ RATE_LIMITS: 'off' }).rateLimits).toBe('off');
    expect(readConfig({ NODE_ENV: 'development', RATE_LIMITS: 'off' }).rateLimits).toBe('off');
    expect(readConfig({ NODE_ENV: 'production' }).rateLimits).toBe('on');
    for (const NODE_ENV of ['production', 'Production', 'PRODUCTION', ' production\n'])
      expect(faultsOf({ NODE_ENV, RATE_LIMITS: 'off' })).toEqual([
        'RATE_LIMITS: off exists for load tests; it is refused where NODE_ENV is production',
      ]);
  });

  it('has clients publish keys by http on this machine only where it is no production', () => {
    expect(readConfig({}).loopbackJwksUri).toBe(true);
    expect(readConfig({ NODE_ENV: 'development' }).loopbackJwksUri).toBe(true);
    expect(readConfig({ NODE_ENV: 'production' }).loopbackJwksUri).toBe(false);
    expect(readConfig({ NODE_ENV: 'PRODUCTION ' }).loopbackJwksUri).toBe(false);
  });

  it('trusts the proxies that it names, and nobody else', () => {
    expect(readConfig({ TRUST_PROXY: 'loopback, 10.0.0.0/8' }).trustedProxies).toEqual(['loopback', '10.0.0.0/8']);
  });

  it('never has its key-encryption key repeated in a message', () => {
    const secret = 'c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHM';
    expect(faultsOf({ KEY_ENCRYPTION_KEY: secret, PORT: 'x' }).join()).not.toContain(secret);
  });
});

describe('ISSUER', () => {
  const expected = 'ISSUER: expected the public URL of this server, with no path: https://tokens.example.com; ';

  it('is an http or https origin and nothing more', () => {
    for (const issuer of ['https://tokens.example.com', 'http://localhost:3000', 'https://[::1]:8443']) {
      expect(readConfig({ ISSUER: issuer }).issuer).toBe(issuer);
    }
  });

  const refused = [
    'https://tokens.example.com/',
    'https://tokens.example.com/auth',
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
    expect(faults).toEqual([`${expected}found a value that is not shown, since it has an @ in it`]);
  });

  it('follows HOST and PORT, unless nobody could reach the server there', () => {
    expect(readConfig({ HOST: 'localhost', PORT: '81' }).issuer).toBe('http://localhost:81');
    expect(readConfig({ HOST: '::1', PORT: '81' }).issuer).toBe('http://[::1]:81');
    for (const host of ['0.0.0.0', '::']) {
      expect(faultsOf({ HOST: host })).toEqual([`${expected}it is not set`]);
      expect(readConfig({ HOST: host, ISSUER: 'https://a.example' }).issuer).toBe('https://a.example');
    }
  });

  it('is the audience of tokens, unless that is set', () => {
    expect(readConfig({ ISSUER: 'https://a.example' }).audience).toBe('https://a.example');
    expect(readConfig({ AUDIENCE: 'urn:example:api' }).audience).toBe('urn:example:api');
  });
});

describe('the server and the command lines', () => {
  it('say what is wrong with the environment, and end with exit code 1 and nothing made', async () => {
    const installation = await newInstallation({ PORT: 'x', ISSUER: 'y', JWKS_MAX_AGE: '0s' });
    const commands = [
      ['src/main.ts'],
      ['scripts/keys.ts', 'list'],
      ['scripts/users.ts', 'create', '--username', 'ada'],
      ['scripts/clients.ts', 'create', '--name', 'x', '--scope', 'x'],
    ];
    await Promise.all(
      commands.map(async ([script = '', ...args]) => {
        const { code, stdout, stderr } = await run(script, args, installation);
        expect({ script, code, stdout }).toEqual({ script, code: 1, stdout: '' });
        const lines = stderr.trim().split('\n');
        expect(lines[0]).toBe('The environment cannot be used:');
        expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual([
          '- PORT',
          '- ISSUER',
          '- JWKS_MAX_AGE',
        ]);
      }),
    );
    expect(await readdir(installation.folder)).toEqual([]);
  });
});
