/**
 * Reads the environment once, into a frozen Config, or reports every fault at once. Nothing else reads `process.env`. What a setting
 * means is left to the room that uses it.
 */
import { availableParallelism } from 'node:os';
import { type Reach, parseReachAllowed, reachAllowedExpected } from '../clients/reach.ts';
import { fileOf } from '../database/sqlite/address.ts';
import { hostExpected, isWildcard, originAt, parseHost } from './host.ts';
import { pageOriginsExpected, parsePageOrigins } from './page-origins.ts';
import { parseTrustedProxies, trustedProxiesExpected } from '../http/request/trusted-proxies.ts';
import { basePathExpected, parseBasePath } from './issuer.ts';
import { type ModulusBits, algorithmNames, algorithmOf } from '../keys/algorithm.ts';
import { type KeyPolicy, findPolicyFaults } from '../keys/timeline/policy.ts';
import { findProductionFaults } from './production.ts';
import { OWASP_FLOOR, type PasswordCost } from '../users/password-hash.ts';
import { Settings } from './settings.ts';

/** Durations are seconds. */
export type Config = {
  readonly host: string;
  readonly port: number;
  /** `iss` of every token: configuration, never the request. */
  readonly issuer: string;
  /** What the paths of requests begin with as they arrive: nothing, or `/auth`. */
  readonly basePath: string;
  readonly audience: string;
  readonly databaseUrl: string;
  /** The most connections to PostgreSQL of one process. */
  readonly databasePoolSize: number;
  /** After which a statement is given up. */
  readonly databaseTimeout: number;
  /** Who brings the schema up to date: the server as it starts, or nobody but `npm run migrate`. */
  readonly migrations: 'start' | 'command';
  /** Processes that serve on the one port; null for this process alone, with none over it. */
  readonly workers: number | null;
  readonly keysDir: string;
  /** Whether the key-encryption key may lie beside a database file in production. */
  readonly keyBesideDatabase: 'allow' | 'refuse';
  readonly keyEncryptionKey: string | undefined;
  readonly previousKeyEncryptionKey: string | undefined;
  readonly refreshTokenLifetime: number;
  /** For how long the refresh token that was used last may come again; 0 for never. */
  readonly refreshReuseGrace: number;
  readonly sessionLifetime: number;
  /** The most sessions that an account has at a time. */
  readonly sessionsPerUser: number;
  readonly keyPolicy: KeyPolicy;
  /** The size of RSA keys that are made. */
  readonly modulusBits: ModulusBits;
  readonly passwordCost: PasswordCost;
  /** Whether there is a password grant at all. */
  readonly passwordGrant: boolean;
  /** Whether clients may publish their keys by http on this machine: not in production. */
  readonly loopbackJwksUri: boolean;
  /** Where the keys of clients may be fetched from: in production from public addresses, and from what is allowed. */
  readonly jwksUriReach: Reach;
  readonly replyChecks: 'off' | 'log' | 'enforce';
  readonly rateLimits: 'on' | 'off';
  /** Addresses, CIDR ranges, and names of ranges. */
  readonly trustedProxies: readonly string[];
  /** The origins whose pages may use what is not public. */
  readonly corsOrigins: readonly string[];
  /** Both or neither: files in PEM. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** The most connections of one process. */
  readonly maxConnections: number;
  /** Where metrics are served; null for nowhere. */
  readonly management: { readonly host: string; readonly port: number } | null;
  /** Where traces go (OTLP over HTTP); undefined for nowhere. */
  readonly tracesEndpoint: string | undefined;
  /** The share of requests that are recorded, where no trusted proxy has decided. */
  readonly tracesRatio: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** `auto`: for people where standard error is a terminal, JSON elsewhere. */
  readonly logFormat: 'auto' | 'json' | 'pretty';
  /** How long the server goes on after SIGTERM, with readiness failing, so that no more is sent to it. */
  readonly shutdownDelay: number;
  readonly shutdownGrace: number;
};

/** The environment cannot be used; the message lists every fault and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Seconds: 90 days. */
const keepRevoked = 90 * 86_400;

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const settings = new Settings(environment);
  const isProduction = readIsProduction(settings);
  const host = settings.parsed('HOST', parseHost, '127.0.0.1', hostExpected);
  const port = settings.integer('PORT', 8080, { min: 1, max: 65535 });
  const tls = readTls(settings);
  const basePath = settings.parsed('BASE_PATH', parseBasePath, '', basePathExpected);
  const ownUrl = isWildcard(host) ? undefined : originAt(tls ? 'https' : 'http', host, port) + basePath;
  const issuer = isProduction ? settings.issuer('ISSUER', undefined, ['https:']) : settings.issuer('ISSUER', ownUrl);
  const faultsBefore = settings.faults.length;
  const keyPolicy: KeyPolicy = {
    algorithm: algorithmOf(settings.oneOf('KEY_ALGORITHM', algorithmNames, 'RS256')),
    rotateEvery: settings.duration('KEY_ROTATE_EVERY', '30d'),
    publishBefore: settings.duration('KEY_PUBLISH_BEFORE', '1h'),
    jwksMaxAge: settings.duration('JWKS_MAX_AGE', '5m'),
    verifierCache: settings.duration('VERIFIER_CACHE', '10m'),
    replicaRefresh: settings.duration('REPLICA_REFRESH', '5s'),
    clockSkew: settings.duration('CLOCK_SKEW', '30s', { min: 0 }),
    tokenLifetime: settings.duration('ACCESS_TOKEN_LIFETIME', '15m'),
    keepRevoked,
  };
  // Durations of which one is faulty cannot be compared; other faults are no reason not to.
  const policyFaults = settings.faults.length === faultsBefore ? findPolicyFaults(keyPolicy) : [];
  const config: Config = {
    host,
    port,
    issuer,
    basePath,
    audience: settings.text('AUDIENCE', issuer),
    databaseUrl: readDatabaseUrl(settings),
    databasePoolSize: settings.integer('DATABASE_POOL_SIZE', 10, { min: 2, max: 1000 }),
    databaseTimeout: settings.duration('DATABASE_TIMEOUT', '5s', { max: 300 }),
    migrations: settings.oneOf('MIGRATIONS', ['start', 'command'], 'start'),
    workers: settings.parsed('WORKERS', parseWorkers, null, 'auto, or a whole number from 1 to 256'),
    keysDir: settings.matching('KEYS_DIR', 'keys', /^(?!["']|~(?:\/|$))\S+$/, keysDirExpected),
    keyBesideDatabase: settings.oneOf('KEY_BESIDE_DATABASE', ['allow', 'refuse'], 'refuse'),
    keyEncryptionKey: settings.optional('KEY_ENCRYPTION_KEY'),
    previousKeyEncryptionKey: settings.optional('KEY_ENCRYPTION_KEY_PREVIOUS'),
    refreshTokenLifetime: settings.duration('REFRESH_TOKEN_LIFETIME', '30d'),
    refreshReuseGrace: settings.duration('REFRESH_REUSE_GRACE', '10s', { min: 0, max: 300 }),
    sessionLifetime: settings.duration('SESSION_LIFETIME', '90d'),
    sessionsPerUser: settings.integer('SESSIONS_PER_USER', 200, { min: 1, max: 1000 }),
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
    jwksUriReach: {
      isPublicOnly: isProduction,
      allow: settings.parsed('JWKS_URI_ALLOW', parseReachAllowed, [], reachAllowedExpected),
    },
    replyChecks: settings.oneOf('REPLY_CHECKS', ['off', 'log', 'enforce'], isProduction ? 'log' : 'enforce'),
    rateLimits: settings.oneOf('RATE_LIMITS', ['on', 'off'], 'on'),
    corsOrigins: settings.explained('CORS_ORIGINS', parsePageOrigins, [], pageOriginsExpected),
    trustedProxies: settings.parsed('TRUST_PROXY', parseTrustedProxies, [], trustedProxiesExpected),
    tls,
    maxConnections: settings.integer('MAX_CONNECTIONS', 10_000, { min: 10, max: 1_000_000 }),
    management: readManagement(settings, port),
    tracesEndpoint: settings.url('OTEL_EXPORTER_OTLP_ENDPOINT'),
    tracesRatio: settings.parsed('OTEL_TRACES_SAMPLER_ARG', parseShare, 1, 'a share, from 0 to 1'),
    logFormat: settings.oneOf('LOG_FORMAT', ['auto', 'json', 'pretty'], 'auto'),
    logLevel: settings.oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    shutdownDelay: settings.duration('SHUTDOWN_DELAY', isProduction ? '5s' : '0s', { min: 0, max: 300 }),
    shutdownGrace: settings.duration('SHUTDOWN_GRACE', '10s'),
  };
  const productionFaults = isProduction ? findProductionFaults(config) : [];
  const faults = [...settings.faults, ...policyFaults, ...productionFaults];
  if (faults.length > 0) throw new ConfigError(['The environment cannot be used:', ...faults].join('\n  - '));
  return Object.freeze(config);
}

/** What begins like it and is not it would otherwise be a server with the rules of a developer's machine. */
function readIsProduction(settings: Settings): boolean {
  const expected = 'production, or a name that does not begin like it';
  const mode = settings.matching('NODE_ENV', 'development', /^(?!prod)|^production$/i, expected);
  return mode.toLowerCase() === 'production';
}

const keysDirExpected =
  'a folder without spaces in its name, without quotes around it, and written out: only a shell takes ~ for a home';

/** A file of SQLite in the one spelling that everything else goes by. */
function readDatabaseUrl(settings: Settings): string {
  const expected = 'sqlite: and a file name, or postgres://user:password@host:5432/database';
  const isUrl = (text: string) => /^(sqlite:.+|postgres(ql)?:\/\/.*)$/.test(text);
  const url = settings.withheld('DATABASE_URL', 'sqlite:data/tessera.db', isUrl, expected);
  if (!url.startsWith('sqlite:')) return url;
  try {
    return `sqlite:${fileOf(url)}`;
  } catch (error) {
    settings.faults.push(`DATABASE_URL: expected ${expected}; ${(error as RangeError).message}`);
    return url;
  }
}

/** `auto`: one for each core. One worker is the process itself, unless that was asked for by `auto`. */
function parseWorkers(text: string): number | null | undefined {
  if (text === 'auto') return availableParallelism();
  const count = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 256) return undefined;
  return count === 1 ? null : count;
}

function parseShare(text: string): number | undefined {
  return /^(?:0|1|[01]?\.[0-9]{1,9})$/.test(text) && Number(text) <= 1 ? Number(text) : undefined;
}

function readTls(settings: Settings): Config['tls'] {
  const certFile = settings.optional('TLS_CERT_FILE');
  const keyFile = settings.optional('TLS_KEY_FILE');
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile !== keyFile) settings.faults.push('TLS_CERT_FILE, TLS_KEY_FILE: expected both or neither; found one');
  return null;
}

function readManagement(settings: Settings, publicPort: number): Config['management'] {
  const host = settings.parsed('MANAGEMENT_HOST', parseHost, '127.0.0.1', hostExpected);
  if (settings.optional('MANAGEMENT_PORT') === undefined) return null;
  const port = settings.integer('MANAGEMENT_PORT', 9464, { min: 1, max: 65535 });
  if (port === publicPort) settings.faults.push(`MANAGEMENT_PORT: expected another port than PORT; found ${port}`);
  return { host, port };
}
