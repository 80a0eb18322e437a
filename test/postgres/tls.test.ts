/** TLS to a real server, whose certificate is for `localhost` and 127.0.0.1. */
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { newCertificate } from '../support/certificates.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { newServer } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';

let folder: string;
let server: PostgresServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  await chmod(folder, 0o711);
  const { cert, key } = newCertificate();
  await writeFile(join(folder, 'cert'), cert);
  await writeFile(join(folder, 'key'), key, { mode: 0o600 });
  await writeFile(join(folder, 'other'), newCertificate().cert);
  const files = ['-c', `ssl_cert_file=${folder}/cert`, '-c', `ssl_key_file=${folder}/key`];
  server = await newServer(['-c', 'ssl=on', ...files, '-c', 'listen_addresses=127.0.0.1,127.0.0.2']);
  // PostgreSQL takes a key that is its own, and runs as another user where this is root.
  if (process.geteuid?.() === 0)
    await chown(join(folder, 'key'), Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })), 0);
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await server.remove();
  await rm(folder, { recursive: true });
});

const urlOf = (parameters: string, host = '127.0.0.1') =>
  `${server.url.replace('127.0.0.1', host)}postgres?${parameters}`;

/** Whether each connection of ours that the server has is encrypted. */
async function encryption(): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: `${server.url}postgres` });
  await client.connect();
  const { rows } = await client.query<{ ssl: boolean }>(
    `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'tessera'`,
  );
  await client.end();
  return rows.map(({ ssl }) => ssl);
}

async function reasonOf(url: string): Promise<string> {
  const opened = await openDatabase(url).catch((error: unknown) => error);
  if (opened instanceof Error) return opened.message;
  throw new Error('it was opened');
}

describe('by TLS', () => {
  it('the server is talked to whose authority is trusted, on every connection, also the one that listens', async () => {
    const database = await openDatabase(urlOf(`sslmode=verify-full&sslrootcert=${folder}/cert`));
    onTestFinished(() => database.close());
    const watch = await database.watchKeys(() => undefined);
    onTestFinished(() => watch.close());
    await Promise.all(Array.from({ length: 5 }, () => database.ping()));
    await expect.poll(async () => (await encryption()).length).toBeGreaterThan(1);
    expect(new Set(await encryption())).toEqual(new Set([true]));
  });

  it('the words of libpq that promise no less are taken', async () => {
    const words =
      'channel_binding=require&target_session_attrs=read-write&connect_timeout=10&keepalives=1&keepalives_idle=30';
    const database = await openDatabase(urlOf(`sslmode=require&sslrootcert=${folder}/cert&${words}`));
    onTestFinished(() => database.close());
    await database.ping();
    expect(new Set(await encryption())).toEqual(new Set([true]));
  });

  it.each(['verify-full', 'verify-ca', 'require', 'prefer'])(
    'a server that another authority vouches for is refused, with sslmode=%s',
    async (mode) => {
      expect(await reasonOf(urlOf(`sslmode=${mode}&sslrootcert=${folder}/other`))).toContain('self-signed certificate');
      expect(await reasonOf(urlOf(`sslmode=${mode}`))).toContain('self-signed certificate');
    },
  );

  it('a server is refused whose certificate is for another name', async () => {
    const reason = await reasonOf(urlOf(`sslmode=verify-full&sslrootcert=${folder}/cert`, '127.0.0.2'));
    expect(reason).toContain("does not match certificate's altnames");
    expect(reason).not.toContain(new URL(server.url).password);
  });

  it('the one that listens refuses such a server as well', async () => {
    const engine = postgresEngine(urlOf(`sslmode=verify-full&sslrootcert=${folder}/other`), {
      size: 2,
      statementTimeout: 5,
    });
    onTestFinished(() => engine.db.destroy());
    let ends = 0;
    const watch = await engine.watchKeys(() => (ends += 1));
    await waitFor(() => ends >= 2);
    expect(await encryption()).toEqual([]);
    await watch.close();
  });
});

describe('in the clear', () => {
  it('a server is talked to where that is stated, or where it is on this machine', async () => {
    for (const parameters of ['sslmode=disable', '']) {
      const database = await openDatabase(urlOf(parameters));
      await database.ping();
      expect(new Set(await encryption())).toEqual(new Set([false]));
      await database.close();
    }
  });

  it('a server is not talked to that has no TLS', async () => {
    const plain = await newServer();
    onTestFinished(async () => {
      await plain.stop();
      await plain.remove();
    });
    await plain.start();
    expect(await reasonOf(`${plain.url}postgres?sslmode=prefer`)).toContain('does not support SSL connections');
  });
});
