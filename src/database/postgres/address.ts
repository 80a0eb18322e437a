import { BlockList, isIP } from 'node:net';
import { type TlsFiles, readTlsFiles } from './tls-files.ts';

/** How the driver is to connect. What is left out, it takes from the variables of libpq (PGPASSWORD and the like). */
export type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** Empty for the authorities that this machine trusts; false for a connection in the clear. */
  readonly ssl: TlsFiles | false;
  readonly application_name: string;
  readonly options?: string;
  /** For how long a request may wait for a connection. */
  readonly connectionTimeoutMillis?: number;
  /** Of TCP, on a connection where nothing moves. */
  readonly keepAlive?: boolean;
  readonly keepAliveInitialDelayMillis?: number;
};

/** `url` is what was parsed; `shown` names the place in words that hold no password. */
export type Address = { readonly url: string; readonly shown: string; readonly connection: Connection };

/** The modes of libpq that ask for TLS. All of them check the certificate here, as its strictest does. */
const encrypted = ['verify-full', 'verify-ca', 'require', 'prefer'];

const understood = [
  'host',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'options',
  'connect_timeout',
  'keepalives',
  'keepalives_idle',
  'target_session_attrs',
  'channel_binding',
];

/** Names that may be shown: libpq's, and those of other drivers. Any other may be a part of a password. */
const known = new Set([
  ...understood,
  ...'user password passfile port dbname hostaddr service servicefile client_encoding'.split(' '),
  ...'keepalives_interval keepalives_count tcp_user_timeout'.split(' '),
  ...'ssl sslcompression sslcrl sslcrldir sslnegotiation sslpassword sslsni ssl_min_protocol_version'.split(' '),
  ...'require_auth gssencmode krbsrvname load_balance_hosts'.split(' '),
  ...'schema search_path currentSchema pgbouncer connection_limit pool_timeout statement_timeout'.split(' '),
]);

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The URL of a PostgreSQL database, as libpq writes it. Without `sslmode`, TLS with a checked certificate unless the server
 * is on this machine. Throws a `RangeError` that says what is wrong and quotes neither name nor password.
 */
export function parseAddress(text: string): Address {
  // A URL with a user and without a host is none to the standard, though it is to libpq: the host is a parameter then.
  const url = URL.parse(text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?])/, '$1%2F'));
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol))
    throw new RangeError('it is not a URL: postgres://user:password@host:5432/database');
  refuseMisread(text, url);
  const parameters = parametersOf(url);
  const host = hostOf(url, parameters);
  const database = decoded(url.pathname.slice(1), 'the name of the database');
  const port = url.port === '' ? 5432 : Number(url.port);
  const ssl = tlsOf(host, parameters);
  checkPromises(parameters, ssl !== false);
  const { application_name: name = 'tessera', options } = parameters;
  return {
    url: text,
    shown: `${host}${host.startsWith('/') ? '' : `:${port}`}/${database}`,
    connection: {
      host,
      port,
      ...optional('user', decoded(url.username, 'the user')),
      ...optional('password', decoded(url.password, 'the password')),
      ...optional('database', database),
      ssl,
      application_name: name,
      ...optional('options', options),
      ...timesOf(parameters),
    },
  };
}

/**
 * A character that is not percent-encoded, or a parameter in the wrong place, can leave a part of the password where the host or
 * the name of the database stands, which are shown. The standard takes all of these.
 */
function refuseMisread(text: string, { pathname }: URL): void {
  if (/^[^/]*\/\/[^/?#]*[/?].*@|#/s.test(text))
    throw new RangeError(
      'it has a # or an @ behind the host: in names and passwords, / ? # and @ must be written %2F %3F %23 and %40',
    );
  const isUserWithAt = /^[^:]+:\/\/[^:/?#]*@[^:/?#]*@/.test(text);
  if (isUserWithAt || /\s/.test(text) || /[;&=:]/.test(pathname))
    throw new RangeError('a character of the user, the password or the database in it is not percent-encoded');
}

/** A parameter that is not understood might be one that somebody counts on. */
function parametersOf({ searchParams }: URL): Partial<Record<string, string>> {
  const names = [...searchParams.keys()];
  const unkept = names.find((name) => name === 'keepalives_interval' || name === 'keepalives_count');
  if (unkept !== undefined)
    throw new RangeError(`its ${unkept} cannot be kept to, since Node.js asks every second, ten times: leave it out`);
  const stranger = names.find((name, place) => !understood.includes(name) || names.indexOf(name) !== place);
  if (stranger !== undefined)
    throw new RangeError(
      `its parameter ${known.has(stranger) ? stranger : '(not shown)'} is unknown or there twice; there may be ${understood.join(', ')}`,
    );
  return Object.fromEntries([...searchParams].map(([name, value]) => [name, checked(value, `the parameter ${name}`)]));
}

function hostOf({ hostname }: URL, { host: socket }: Partial<Record<string, string>>): string {
  const named = decoded(hostname, 'the host').replace(/^\[(.*)\]$/, '$1');
  if (socket === undefined && named === '/') throw new RangeError('it names no host');
  if (socket !== undefined && named !== '' && named !== '/') throw new RangeError('it names two hosts');
  const host = socket ?? (named === '' ? 'localhost' : named);
  if (host === '' || host.includes(',')) throw new RangeError('it must name one host');
  if (/[;&=@"']/.test(host)) throw new RangeError('the host in it has a character that no host has');
  return host;
}

function tlsOf(host: string, parameters: Partial<Record<string, string>>): TlsFiles | false {
  const { sslmode = isLocal(host) ? 'disable' : 'verify-full', sslrootcert, sslcert, sslkey } = parameters;
  if (sslmode !== 'disable' && !encrypted.includes(sslmode))
    throw new RangeError('its sslmode must be verify-full, or disable where the network is trusted');
  const files = { sslrootcert, sslcert, sslkey };
  if (sslmode !== 'disable') return readTlsFiles(files);
  if (Object.values(files).some((file) => file !== undefined))
    throw new RangeError('it names certificates for a connection without TLS: its sslmode must be verify-full');
  return false;
}

/** What is asked for in words of libpq, and is so here in any case, or else refused. */
function checkPromises(
  { target_session_attrs: session = 'any', channel_binding: binding = 'prefer' }: Partial<Record<string, string>>,
  isEncrypted: boolean,
): void {
  if (!['any', 'read-write', 'primary'].includes(session))
    throw new RangeError(
      'its target_session_attrs must be read-write, primary or any: a server that only reads is never used',
    );
  if (!['require', 'prefer', 'disable'].includes(binding))
    throw new RangeError('its channel_binding must be require, prefer or disable');
  // It keeps anybody from standing in between, which a certificate that is checked in full does as well.
  if (binding === 'require' && !isEncrypted)
    throw new RangeError('its channel_binding needs TLS: its sslmode must be verify-full');
}

/** In the driver's words. */
function timesOf(parameters: Partial<Record<string, string>>) {
  const { connect_timeout: patience, keepalives, keepalives_idle: idle } = parameters;
  if (keepalives !== undefined && keepalives !== '1' && keepalives !== '0')
    throw new RangeError('its keepalives must be 1 or 0');
  return {
    ...(patience !== undefined && { connectionTimeoutMillis: secondsOf('connect_timeout', patience, 300) * 1000 }),
    ...(keepalives !== undefined && { keepAlive: keepalives === '1' }),
    ...(idle !== undefined && { keepAliveInitialDelayMillis: secondsOf('keepalives_idle', idle, 32_767) * 1000 }),
  };
}

function secondsOf(name: string, text: string, most: number): number {
  const seconds = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > most)
    throw new RangeError(`its ${name} must be a whole number of seconds from 1 to ${most}`);
  return seconds;
}

/** A socket of this machine, or its loopback interface. */
function isLocal(host: string): boolean {
  if (host === 'localhost' || host.startsWith('/')) return true;
  return isIP(host) !== 0 && loopback.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

function decoded(text: string, what: string): string {
  try {
    return checked(decodeURIComponent(text), what);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(`${what} in it is not percent-encoded as it should be`);
  }
}

/** The protocol ends each text with a NUL, so that what follows one would be read as something else. */
function checked(text: string, what: string): string {
  if (/\p{Cc}/u.test(text)) throw new RangeError(`${what} in it has a control character`);
  return text;
}

function optional<Name extends string>(name: Name, value: string | undefined): { [Each in Name]?: string } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [Each in Name]?: string };
}
