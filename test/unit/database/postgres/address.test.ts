import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UnusableDatabase, openDatabase } from '../../../../src/database/open.ts';
import { parseAddress } from '../../../../src/database/postgres/address.ts';

const connectionOf = (text: string) => parseAddress(text).connection;

describe('a URL of PostgreSQL', () => {
  it('is taken apart, each part decoded', () => {
    expect(connectionOf('postgres://us%40er:p%2F%3A%25w@db.example.com:6000/my%20tokens')).toEqual({
      host: 'db.example.com',
      port: 6000,
      user: 'us@er',
      password: 'p/:%w',
      database: 'my tokens',
      ssl: {},
      application_name: 'tessera',
    });
    // As it was always taken: the last @ is the one before the host.
    expect(connectionOf('postgres://ada@one:hunter@2@db/x')).toMatchObject({ user: 'ada@one', password: 'hunter@2' });
    expect(connectionOf('postgresql://db.example.com')).toEqual({
      host: 'db.example.com',
      port: 5432,
      ssl: {},
      application_name: 'tessera',
    });
    expect(connectionOf('postgres://localhost/x?application_name=green&options=-c%20search_path%3Dauth')).toMatchObject(
      {
        application_name: 'green',
        options: '-c search_path=auth',
      },
    );
  });

  it.each([
    ['postgres://u:p@%2Fvar%2Frun%2Fpostgresql/tokens', '/var/run/postgresql'],
    ['postgres:///tokens?host=/var/run/postgresql', '/var/run/postgresql'],
    ['postgres://u:p@/tokens?host=/tmp', '/tmp'],
    ['postgres://u@/tokens?host=/tmp', '/tmp'],
    ['postgres://[::1]/tokens', '::1'],
    ['postgres:///tokens', 'localhost'],
    ['postgres://127.9.9.9/tokens', '127.9.9.9'],
  ])('%s leads to %s, on this machine, in the clear', (text, host) => {
    expect(connectionOf(text)).toMatchObject({ host, ssl: false, database: 'tokens' });
  });

  it.each(['10.0.0.7', 'db', 'LOCALHOST', 'localhost.example.com', '[fe80::1]', '0.0.0.0', '[::ffff:10.0.0.1]'])(
    'leads to %s by TLS, since that may be another machine',
    (host) => {
      expect(connectionOf(`postgres://${host}/tokens`).ssl).toEqual({});
    },
  );

  it('has the last word on TLS: in the clear to another machine, and TLS to this one', () => {
    expect(connectionOf('postgres://db.example.com/x?sslmode=disable').ssl).toBe(false);
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full'])
      expect(connectionOf(`postgres://localhost/x?sslmode=${mode}`).ssl).toEqual({});
  });

  it('names the certificates', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const name of ['ca', 'cert', 'key']) await writeFile(join(folder, name), `the ${name}`);
    const named = `sslrootcert=${folder}/ca&sslcert=${folder}/cert&sslkey=${folder}/key`;
    expect(connectionOf(`postgres://db/x?${named}`).ssl).toEqual({ ca: 'the ca', cert: 'the cert', key: 'the key' });
    expect(connectionOf('postgres://db/x?sslrootcert=system').ssl).toEqual({});
  });

  it.each<[parameters: string, connection: object]>([
    ['connect_timeout=10', { connectionTimeoutMillis: 10_000 }],
    ['keepalives=1', { keepAlive: true }],
    ['keepalives=0', { keepAlive: false }],
    ['keepalives_idle=30', { keepAliveInitialDelayMillis: 30_000 }],
    ['application_name=green', { application_name: 'green' }],
    // Servers that only read are refused in any case.
    ['target_session_attrs=any', {}],
    ['target_session_attrs=read-write', {}],
    ['target_session_attrs=primary', {}],
    // Whose certificate is checked in full is nobody in between.
    ['channel_binding=require', { ssl: {} }],
    ['sslmode=require&channel_binding=require', { ssl: {} }],
    ['channel_binding=prefer', { ssl: {} }],
    ['sslmode=disable&channel_binding=prefer', { ssl: false }],
    ['sslmode=disable&channel_binding=disable', { ssl: false }],
  ])('may say as to libpq: %s', (parameters, connection) => {
    const usual = { host: 'db', port: 5432, database: 'x', ssl: {}, application_name: 'tessera' };
    expect(connectionOf(`postgres://db/x?${parameters}`)).toEqual({ ...usual, ...connection });
  });

  it('is shown without user and password', () => {
    expect(parseAddress('postgres://ada:hunter2@db.example.com:6000/tokens').shown).toBe('db.example.com:6000/tokens');
    expect(parseAddress('postgres://ada:hunter2@/tokens?host=/tmp').shown).toBe('/tmp/tokens');
  });
});

const understood =
  'host, sslmode, sslrootcert, sslcert, sslkey, application_name, options, connect_timeout, keepalives, keepalives_idle, target_session_attrs, channel_binding';

const refused: Record<string, string> = {
  'postgres://ada:hunter2@db:99999/x': 'it is not a URL: postgres://user:password@host:5432/database',
  'mysql://ada:hunter2@db/x': 'it is not a URL: postgres://user:password@host:5432/database',
  'postgres://ada:hunter2%zz@db/x': 'the password in it is not percent-encoded as it should be',
  'postgres://ada%ff:hunter2@db/x': 'the user in it is not percent-encoded as it should be',
  'postgres://ada%00options%00-c:hunter2@db/x': 'the user in it has a control character',
  'postgres://ada:hunter2@db/x%0a': 'the name of the database in it has a control character',
  'postgres://ada:12/hunter2@db/x':
    'a character of the user, the password or the database in it is not percent-encoded',
  'postgres://db/x;password=hunter2':
    'a character of the user, the password or the database in it is not percent-encoded',
  'postgres://ada@hunter2@db/x': 'a character of the user, the password or the database in it is not percent-encoded',
  'postgres://db;password=hunter2/x': 'the host in it has a character that no host has',
  'postgres://db/x?hunter2': `its parameter (not shown) is unknown or there twice; there may be ${understood}`,
  'postgres://ada:hunter2@/x': 'it names no host',
  'postgres://ada:hunter2@db/x?host=/tmp': 'it names two hosts',
  'postgres://ada:hunter2@one,two/x': 'it must name one host',
  'postgres://ada:hunter2@db/x?sslmode=no-verify':
    'its sslmode must be verify-full, or disable where the network is trusted',
  'postgres://ada:hunter2@db/x?sslmode=': 'its sslmode must be verify-full, or disable where the network is trusted',
  'postgres://ada:hunter2@db/x?ssl=false': `its parameter ssl is unknown or there twice; there may be ${understood}`,
  'postgres://ada:hunter2@db/x?sslmode=disable&sslmode=verify-full': `its parameter sslmode is unknown or there twice; there may be ${understood}`,
  'postgres://ada:hunter2@db/x?sslmode=disable&sslrootcert=/etc/ca.pem':
    'it names certificates for a connection without TLS: its sslmode must be verify-full',
  'postgres://ada:hunter2@localhost/x?sslrootcert=/etc/ca.pem':
    'it names certificates for a connection without TLS: its sslmode must be verify-full',
  'postgres://ada:hunter2@db/x?sslcert=/etc/cert.pem': 'it must name both sslcert and sslkey, or neither',
  // A password that is not percent-encoded: what stands before its / ? or # would pass for the host and its port.
  ...Object.fromEntries(
    [
      'ada:12/hunter2@db/x',
      'ada:12?hunter2@db/x',
      'ada:12?hunter2&hunter2@db/x',
      'ada:12#hunter2@db/x',
      'db/x#',
      'db/x#hunter2',
    ].map((text) => [
      `postgres://${text}`,
      'it has a # or an @ behind the host: in names and passwords, / ? # and @ must be written %2F %3F %23 and %40',
    ]),
  ),
  ...Object.fromEntries(
    ['0', '-1', '', '2.5', '10s', '1e1', '301'].map((value) => [
      `postgres://ada:hunter2@db/x?connect_timeout=${value}`,
      'its connect_timeout must be a whole number of seconds from 1 to 300',
    ]),
  ),
  'postgres://ada:hunter2@db/x?keepalives=yes': 'its keepalives must be 1 or 0',
  'postgres://ada:hunter2@db/x?keepalives_idle=0':
    'its keepalives_idle must be a whole number of seconds from 1 to 32767',
  'postgres://ada:hunter2@db/x?keepalives_interval=5':
    'its keepalives_interval cannot be kept to, since Node.js asks every second, ten times: leave it out',
  'postgres://ada:hunter2@db/x?keepalives=0&keepalives_count=3':
    'its keepalives_count cannot be kept to, since Node.js asks every second, ten times: leave it out',
  ...Object.fromEntries(
    ['standby', 'prefer-standby', 'read-only', 'hunter2', ''].map((value) => [
      `postgres://ada:hunter2@db/x?target_session_attrs=${value}`,
      'its target_session_attrs must be read-write, primary or any: a server that only reads is never used',
    ]),
  ),
  'postgres://ada:hunter2@db/x?channel_binding=yes': 'its channel_binding must be require, prefer or disable',
  'postgres://ada:hunter2@db/x?sslmode=disable&channel_binding=require':
    'its channel_binding needs TLS: its sslmode must be verify-full',
  'postgres://ada:hunter2@localhost/x?channel_binding=require':
    'its channel_binding needs TLS: its sslmode must be verify-full',
  'postgres://ada:hunter2@db/x?sslrootcert=/nowhere': 'its sslrootcert cannot be read (ENOENT)',
};

describe('a URL that cannot be used', () => {
  it.each(Object.entries(refused))('%s: %s', async (text, reason) => {
    expect(() => parseAddress(text)).toThrow(new RangeError(reason));
    const opening = openDatabase(text.replace('mysql', 'postgres://['));
    await expect(opening).rejects.toThrow(UnusableDatabase);
    await expect(opening).rejects.not.toThrow(/ada|hunter2/);
  });
});
