import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { type Environment, faultsOf } from '../support/config-faults.ts';
import { matching } from '../support/oauth.ts';
import { settingNames } from '../support/setting-names.ts';

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
  SHUTDOWN_DELAY: '0s',
  DATABASE_TIMEOUT: '1s',
};

const aHost = 'an IP address (127.0.0.1; 0.0.0.0 or :: for every interface), or the name of a host';

const sqliteOrPostgres = 'sqlite: and a file name, or postgres://user:password@host:5432/database';

const notShown = 'a value that is not shown, since it may hold a password';

/** What production wants to be told. */
const production: Environment = {
  NODE_ENV: 'production',
  ISSUER: 'https://tokens.example.com',
  DATABASE_URL: 'postgres://db.example.com/tessera',
};

/** One wrong value for each variable, and what is said to have been expected. */
const wrong: [variable: string, value: string, expected: string][] = [
  ...['HOST', 'MANAGEMENT_HOST'].flatMap((variable) =>
    // C reads most of these as addresses: 0 as every interface, 127.1 as loopback.
    ['a b', '0', '1', '127.1', '0x7f.1', '0x0', '00.0.0.0', '127.0.0.1.', '256.0.0.1', '*', '[::1]', '[::]', ':::'].map(
      (value): [string, string, string] => [variable, value, aHost],
    ),
  ),
  ...['localhost:8080', 'http://localhost', 'localhost/', 'a..b', '.', 'x'.repeat(64)].map(
    (value): [string, string, string] => ['HOST', value, aHost],
  ),
  ['PORT', '0', 'a whole number from 1 to 65535'],
  ['PORT', '65536', 'a whole number from 1 to 65535'],
  ['PORT', '80.5', 'a whole number from 1 to 65535'],
  ['PORT', '-1', 'a whole number from 1 to 65535'],
  ['PORT', '1e3', 'a whole number from 1 to 65535'],
  ['PORT', '0x50', 'a whole number from 1 to 65535'],
  ['PORT', 'http', 'a whole number from 1 to 65535'],
  // A file of settings that is no script keeps its quotes.
  ...['two words', '"urn:example:api"', "'urn:example:api'"].map((value): [string, string, string] => [
    'AUDIENCE',
    value,
    'text without spaces, and without quotes around it',
  ]),
  ['DATABASE_URL', 'mysql://localhost/x', sqliteOrPostgres],
  ['DATABASE_URL', 'sqlite:', sqliteOrPostgres],
  ['DATABASE_URL', 'data/tessera.db', sqliteOrPostgres],
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
  ...['*', 'https://keys.example.com', '10.0.0.0/33'].map((value): [string, string, string] => [
    'JWKS_URI_ALLOW',
    value,
    'host names, addresses or CIDR ranges, separated by commas',
  ]),
  ['DATABASE_URL', 'postgres:/db', sqliteOrPostgres],
  ['DATABASE_POOL_SIZE', '1', 'a whole number from 2 to 1000'],
  ['DATABASE_POOL_SIZE', '1001', 'a whole number from 2 to 1000'],
  ['MIGRATIONS', 'auto', 'one of start, command'],
  ...['0', '257', '-1', '2.5', 'all', 'AUTO', '1e1'].map((value): [string, string, string] => [
    'WORKERS',
    value,
    'auto, or a whole number from 1 to 256',
  ]),
  ['MAX_CONNECTIONS', '9', 'a whole number from 10 to 1000000'],
  ['MAX_CONNECTIONS', '1000001', 'a whole number from 10 to 1000000'],
  ['MANAGEMENT_PORT', '0', 'a whole number from 1 to 65535'],
  ['MANAGEMENT_PORT', 'on', 'a whole number from 1 to 65535'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'an http or https URL'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317', 'an http or https URL'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a share, from 0 to 1'],
  ['PASSWORD_GRANT', 'yes', 'one of on, off'],
  ...['~', '~/keys', 'two words', '"keys"', "'keys'"].map((value): [string, string, string] => [
    'KEYS_DIR',
    value,
    'a folder without spaces in its name, without quotes around it, and written out: only a shell takes ~ for a home',
  ]),
  ...['prod', 'PROD', 'production2'].map((value): [string, string, string] => [
    'NODE_ENV',
    value,
    'production, or a name that does not begin like it',
  ]),
  ['LOG_FORMAT', 'text', 'one of auto, json, pretty'],
  ['KEY_BESIDE_DATABASE', 'on', 'one of allow, refuse'],
  ['LOG_LEVEL', 'verbose', 'one of fatal, error, warn, info, debug, trace, silent'],
  ['ARGON2_MEMORY_KIB', '19455', 'a whole number from 19456 to 2097152'],
  ['SESSIONS_PER_USER', '0', 'a whole number from 1 to 1000'],
  ['SESSIONS_PER_USER', '1001', 'a whole number from 1 to 1000'],
  ['ARGON2_PASSES', '1', 'a whole number from 2 to 100'],
  ['ARGON2_LANES', '0', 'a whole number from 1 to 64'],
  ...Object.keys(seconds).flatMap((variable): [string, string, string][] => {
    const mayBeZero = ['CLOCK_SKEW', 'REFRESH_REUSE_GRACE', 'SHUTDOWN_DELAY'].includes(variable);
    const isShort = ['REFRESH_REUSE_GRACE', 'SHUTDOWN_DELAY', 'DATABASE_TIMEOUT'].includes(variable);
    const most = isShort ? '300s' : '3650d';
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
      keyBesideDatabase: 'refuse',
      keyEncryptionKey: undefined,
      databasePoolSize: 10,
      databaseTimeout: 5,
      migrations: 'start',
      workers: null,
      tls: null,
      maxConnections: 10_000,
      management: null,
      tracesEndpoint: undefined,
      logFormat: 'auto',
      shutdownDelay: 0,
      shutdownGrace: 10,
      replyChecks: 'enforce',
      refreshTokenLifetime: 30 * 86_400,
      refreshReuseGrace: 10,
      sessionLifetime: 90 * 86_400,
      sessionsPerUser: 200,
      rateLimits: 'on',
      trustedProxies: [],
      keyPolicy: { tokenLifetime: 900 },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each(wrong)('is refused where %s is %j, with what was expected', (variable, value, expected) => {
    const found = variable === 'DATABASE_URL' ? notShown : JSON.stringify(value);
    expect(faultsOf({ [variable]: value })).toContain(`${variable}: expected ${expected}; found ${found}`);
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
    const variables = [...settingNames(), 'NODE_ENV'];
    for (const nothing of ['', ' ', '\t']) {
      const environment = Object.fromEntries(variables.map((variable) => [variable, nothing]));
      expect(readConfig(environment)).toEqual(readConfig({}));
    }
  });

  it('is asked for every setting of which a wrong value is tried here, or which may be anything', () => {
    const anything = ['KEY_ENCRYPTION_KEY', 'KEY_ENCRYPTION_KEY_PREVIOUS', 'TLS_CERT_FILE', 'TLS_KEY_FILE'];
    const elsewhere = ['ISSUER', 'BASE_PATH', 'CORS_ORIGINS', 'KEY_ALGORITHM', 'KEY_RSA_BITS'];
    const tried = wrong.map(([variable]) => variable);
    expect(settingNames().toSorted()).toEqual([...new Set([...tried, ...anything, ...elsewhere])].toSorted());
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
    // RFC 9864, 2.2 has another name for it; for what is like it, there is none.
    expect(readConfig({ KEY_ALGORITHM: 'Ed25519' }).keyPolicy.algorithm).toBe('EdDSA');
    for (const name of ['ed25519', 'eddsa', 'Ed448']) expect(faultsOf({ KEY_ALGORITHM: name })).toHaveLength(1);
    for (const bits of [2048, 3072, 4096]) expect(readConfig({ KEY_RSA_BITS: String(bits) }).modulusBits).toBe(bits);
    expect(faultsOf({ KEY_ALGORITHM: 'HS256', KEY_RSA_BITS: '1024' })).toEqual([
      'KEY_ALGORITHM: expected one of RS256, PS256, ES256, EdDSA, Ed25519; found "HS256"',
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
      keepRevoked: 7_776_000,
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

  it('names a file of SQLite in one spelling, and is refused where others would look for another file, or for none', () => {
    const spellings: Environment = {
      'sqlite:data/tessera.db': 'sqlite:data/tessera.db',
      'sqlite:///./test.db': 'sqlite:./test.db',
      'sqlite:////var/lib/tessera.db': 'sqlite:/var/lib/tessera.db',
    };
    for (const [written, meant] of Object.entries(spellings))
      expect(readConfig({ DATABASE_URL: written }).databaseUrl).toBe(meant);
    for (const [url, reason] of [
      ['sqlite:///test.db', 'it is a relative path to some programs, and an absolute one to others'],
      ['sqlite::memory:', 'it names a database in memory'],
      ['sqlite:test.db?_fk=true', 'it has parameters'],
    ] as const) {
      const [fault = '', ...others] = faultsOf({ DATABASE_URL: url });
      expect(fault.startsWith(`DATABASE_URL: expected ${sqliteOrPostgres}; ${reason}`)).toBe(true);
      expect(others).toEqual([]);
    }
    // What it names is what rules about its place go by.
    const beside = { ...production, DATABASE_URL: 'sqlite:///./data/tessera.db', KEYS_DIR: 'data/keys' };
    expect(faultsOf(beside)).toEqual([
      matching(/^KEYS_DIR: the key-encryption key in .*\/data\/keys would lie beside /),
    ]);
  });

  it('has replies enforced, in production only logged, unless it says otherwise', () => {
    for (const NODE_ENV of ['production', ' Production'])
      expect(readConfig({ ...production, NODE_ENV }).replyChecks).toBe('log');
    expect(readConfig({ NODE_ENV: 'development' }).replyChecks).toBe('enforce');
    expect(readConfig({ ...production, REPLY_CHECKS: 'off' }).replyChecks).toBe('off');
  });

  it('does without limits only where it is no production', () => {
    expect(readConfig({ RATE_LIMITS: 'off' }).rateLimits).toBe('off');
    expect(readConfig({ NODE_ENV: 'development', RATE_LIMITS: 'off' }).rateLimits).toBe('off');
    expect(readConfig(production).rateLimits).toBe('on');
    for (const NODE_ENV of ['production', 'Production', 'PRODUCTION', ' production\n'])
      expect(faultsOf({ ...production, NODE_ENV, RATE_LIMITS: 'off' })).toEqual([
        'RATE_LIMITS: off exists for load tests; it is refused where NODE_ENV is production',
      ]);
  });

  it('has clients publish keys by http on this machine only where it is no production', () => {
    expect(readConfig({}).loopbackJwksUri).toBe(true);
    expect(readConfig({ NODE_ENV: 'development' }).loopbackJwksUri).toBe(true);
    expect(readConfig(production).loopbackJwksUri).toBe(false);
    expect(readConfig({ ...production, NODE_ENV: 'PRODUCTION ' }).loopbackJwksUri).toBe(false);
  });

  it('has keys of clients fetched from public addresses alone where it is production, and from what it allows', () => {
    expect(readConfig({}).jwksUriReach).toEqual({ isPublicOnly: false, allow: [] });
    const allowing = { ...production, JWKS_URI_ALLOW: 'keys.internal, 10.0.0.0/8' };
    expect(readConfig(allowing).jwksUriReach).toEqual({ isPublicOnly: true, allow: ['keys.internal', '10.0.0.0/8'] });
    expect(faultsOf({ JWKS_URI_ALLOW: '*' })).toEqual([
      'JWKS_URI_ALLOW: expected host names, addresses or CIDR ranges, separated by commas; found "*"',
    ]);
  });

  it('trusts the proxies that it names, and nobody else', () => {
    expect(readConfig({ TRUST_PROXY: 'loopback, 10.0.0.0/8' }).trustedProxies).toEqual(['loopback', '10.0.0.0/8']);
  });

  it('never has its key-encryption key repeated in a message', () => {
    const secret = 'c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHM';
    expect(faultsOf({ KEY_ENCRYPTION_KEY: secret, PORT: 'x' }).join()).not.toContain(secret);
  });
});

describe('the settings of many processes and machines', () => {
  it('count workers, one of which is the process itself', () => {
    expect(readConfig({ WORKERS: '1' }).workers).toBeNull();
    for (const count of [2, 16, 256]) expect(readConfig({ WORKERS: String(count) }).workers).toBe(count);
    expect(readConfig({ WORKERS: 'auto' }).workers).toBe(availableParallelism());
  });

  it('take a certificate and its key together, and then are https where no issuer is set', () => {
    const [TLS_CERT_FILE, TLS_KEY_FILE] = ['/tls/tls.crt', '/tls/tls.key'];
    const config = readConfig({ TLS_CERT_FILE, TLS_KEY_FILE });
    expect(config).toMatchObject({ tls: { certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE } });
    expect(config.issuer).toBe('https://127.0.0.1:8080');
    for (const one of [{ TLS_CERT_FILE }, { TLS_KEY_FILE }])
      expect(faultsOf({ ...one, PORT: 'x' })).toEqual([
        'PORT: expected a whole number from 1 to 65535; found "x"',
        'TLS_CERT_FILE, TLS_KEY_FILE: expected both or neither; found one',
      ]);
  });

  it('have metrics served where a port is given, another than that of the API', () => {
    expect(readConfig({ MANAGEMENT_HOST: '0.0.0.0' }).management).toBeNull();
    expect(readConfig({ MANAGEMENT_PORT: '9464' }).management).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(readConfig({ MANAGEMENT_HOST: '::', MANAGEMENT_PORT: '1' }).management).toEqual({ host: '::', port: 1 });
    expect(faultsOf({ MANAGEMENT_PORT: '8080' })).toEqual([
      'MANAGEMENT_PORT: expected another port than PORT; found 8080',
    ]);
  });

  it('have traces sent to a URL of http', () => {
    for (const url of ['http://127.0.0.1:4318', 'https://collector.example.com/otlp'])
      expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: url }).tracesEndpoint).toBe(url);
    const [fault] = faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:secret@collector' });
    expect(fault).not.toContain('secret');
  });

  it('have a server go on for a while after SIGTERM in production, where balancers need to see it fail first', () => {
    expect(readConfig(production).shutdownDelay).toBe(5);
    expect(readConfig({ ...production, SHUTDOWN_DELAY: '0s' }).shutdownDelay).toBe(0);
  });

  it('never have a secret repeated that was put into another setting', () => {
    for (const value of ['PASSWORD=hunter2', 'host=db password=hunter2', '{"token":"hunter2"}', 'ada:hunter2@db'])
      expect(faultsOf({ PORT: value })).toEqual([`PORT: expected a whole number from 1 to 65535; found ${notShown}`]);
  });

  it('never have the password of the database repeated in a message', () => {
    for (const url of [
      'mysql://tessera:secret@db/x',
      'postgres//tessera:secret@db',
      'Host=db;Password=secret',
      'secret',
    ])
      expect(faultsOf({ DATABASE_URL: url })).toEqual([
        `DATABASE_URL: expected ${sqliteOrPostgres}; found ${notShown}`,
      ]);
  });
});
