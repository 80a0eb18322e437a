/** The environment, read once: a frozen Config, or every fault in it at once. Nothing else reads `process.env`. */
import { parseTrustedProxies } from './http/trusted-proxies.ts';
import { type ModulusBits, signingAlgorithms } from './keys/algorithm.ts';
import { type KeyPolicy, findPolicyFaults } from './keys/policy.ts';
import { OWASP_FLOOR, type PasswordCost } from './users/password.ts';
import { Settings } from './settings.ts';

/** Durations are seconds. */
export type Config = {
  readonly host: string;
  readonly port: number;
  /** `iss` of every token: configuration, never the request. */
  readonly issuer: string;
  readonly audience: string;
  readonly databaseUrl: string;
  readonly keysDir: string;
  readonly keyEncryptionKey: string | undefined;
  readonly previousKeyEncryptionKey: string | undefined;
  readonly refreshTokenLifetime: number;
  /** For how long the refresh token that was used last may come again; 0 for never. */
  readonly refreshReuseGrace: number;
  readonly sessionLifetime: number;
  readonly keyPolicy: KeyPolicy;
  /** The size of RSA keys that are made. */
  readonly modulusBits: ModulusBits;
  readonly passwordCost: PasswordCost;
  /** Whether there is a password grant at all. */
  readonly passwordGrant: boolean;
  /** Whether clients may publish their keys by http on this machine: not in production. */
  readonly loopbackJwksUri: boolean;
  readonly replyChecks: 'off' | 'log' | 'enforce';
  readonly rateLimits: 'on' | 'off';
  /** Addresses, CIDR ranges, and names of ranges. */
  readonly trustedProxies: readonly string[];
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly shutdownGrace: number;
};

/** The environment cannot be used; the message lists every fault and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const settings = new Settings(environment);
  const isProduction = settings.optional('NODE_ENV')?.toLowerCase() === 'production';
  const host = settings.text('HOST', '127.0.0.1');
  const port = settings.integer('PORT', 8080, { min: 1, max: 65535 });
  const issuer = settings.origin('ISSUER', isWildcard(host) ? undefined : `http://${bracketed(host)}:${port}`);
  const faultsBefore = settings.faults.length;
  const keyPolicy: KeyPolicy = {
    algorithm: settings.oneOf('KEY_ALGORITHM', signingAlgorithms, 'RS256'),
    rotateEvery: settings.duration('KEY_ROTATE_EVERY', '30d'),
    publishBefore: settings.duration('KEY_PUBLISH_BEFORE', '1h'),
    jwksMaxAge: settings.duration('JWKS_MAX_AGE', '5m'),
    verifierCache: settings.duration('VERIFIER_CACHE', '10m'),
    replicaRefresh: settings.duration('REPLICA_REFRESH', '5s'),
    clockSkew: settings.duration('CLOCK_SKEW', '30s', { min: 0 }),
    tokenLifetime: settings.duration('ACCESS_TOKEN_LIFETIME', '15m'),
  };
  // Durations of which one is faulty cannot be compared; other faults are no reason not to.
  const policyFaults = settings.faults.length === faultsBefore ? findPolicyFaults(keyPolicy) : [];
  const config: Config = {
    host,
    port,
    issuer,
    audience: settings.text('AUDIENCE', issuer),
    databaseUrl: settings.matching('DATABASE_URL', 'sqlite:data/tessera.db', /^sqlite:.+$/, 'sqlite: and a file name'),
    keysDir: settings.text('KEYS_DIR', 'keys'),
    keyEncryptionKey: settings.optional('KEY_ENCRYPTION_KEY'),
    previousKeyEncryptionKey: settings.optional('KEY_ENCRYPTION_KEY_PREVIOUS'),
    refreshTokenLifetime: settings.duration('REFRESH_TOKEN_LIFETIME', '30d'),
    refreshReuseGrace: settings.duration('REFRESH_REUSE_GRACE', '10s', { min: 0, max: 300 }),
    sessionLifetime: settings.duration('SESSION_LIFETIME', '90d'),
    keyPolicy,
    modulusBits: Number(settings.oneOf('KEY_RSA_BITS', ['2048', '3072', '4096'], '2048')) as ModulusBits,
    passwordCost: {
      memoryKiB: settings.integer('ARGON2_MEMORY_KIB', OWASP_FLOOR.memoryKiB, {
        min: OWASP_FLOOR.memoryKiB,
        max: 2 ** 21,
      }),
      passes: settings.integer('ARGON2_PASSES', OWASP_FLOOR.passes, { min: OWASP_FLOOR.passes, max: 100 }),
      lanes: settings.integer('ARGON2_LANES', OWASP_FLOOR.lanes, { min: OWASP_FLOOR.lanes, max: 64 }),
    },
    passwordGrant: settings.oneOf('PASSWORD_GRANT', ['on', 'off'], 'on') === 'on',
    loopbackJwksUri: !isProduction,
    replyChecks: settings.oneOf('REPLY_CHECKS', ['off', 'log', 'enforce'], isProduction ? 'log' : 'enforce'),
    rateLimits: settings.oneOf('RATE_LIMITS', ['on', 'off'], 'on'),
    trustedProxies: settings.parsed('TRUST_PROXY', parseTrustedProxies, [], trustedProxiesExpected),
    logLevel: settings.oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    shutdownGrace: settings.duration('SHUTDOWN_GRACE', '10s'),
  };
  const isUnlimited = config.rateLimits === 'off' && isProduction;
  const faults = [...settings.faults, ...policyFaults, ...(isUnlimited ? [unlimited] : [])];
  if (faults.length > 0) throw new ConfigError(['The environment cannot be used:', ...faults].join('\n  - '));
  return Object.freeze(config);
}

const unlimited = 'RATE_LIMITS: off exists for load tests; it is refused where NODE_ENV is production';

const trustedProxiesExpected =
  'addresses of your proxies, CIDR ranges from /8 (IPv4) or /16 (IPv6) on, or loopback, linklocal, uniquelocal, ' +
  'separated by commas';

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
