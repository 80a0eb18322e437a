import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashSecret, newId, newSecret } from '../../src/secret.ts';
import { connectTo, rowsOf, tablesOf } from '../support/database.ts';
import { rotate, signIn } from '../support/oauth.ts';
import { isPostgres } from '../support/place.ts';
import { type Tessera, it as itOfTessera } from '../support/tessera.ts';
import { password } from '../support/tessera.ts';

/** Every byte that the server has written beside its file, the write-ahead log included; of PostgreSQL, every row. */
async function everythingStored(tessera: Tessera): Promise<Buffer> {
  if (isPostgres) return everyRow(tessera.databaseUrl);
  const folder = dirname(tessera.databaseUrl.slice('sqlite:'.length));
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.map((file) => file.name)).toContain('tessera.db');
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(folder, file.name)))));
}

async function everyRow(url: string): Promise<Buffer> {
  const tables = await tablesOf(await connectTo(url));
  expect(tables).toContain('refresh_tokens');
  const rows = await Promise.all(tables.map((table) => rowsOf(url, table)));
  return Buffer.from(JSON.stringify(rows));
}

describe('newSecret and newId', () => {
  it('make 256 and 128 random bits, in base64url [RFC6749-2.3.1/guessing] [ASVS-7.2.3]', () => {
    const secrets = Array.from({ length: 200 }, () => Buffer.from(newSecret('trt_').slice(4), 'base64url'));
    const ids = Array.from({ length: 200 }, () => Buffer.from(newId('usr_').slice(4), 'base64url'));
    expect(secrets.every((secret) => secret.length === 32)).toBe(true);
    expect(ids.every((id) => id.length === 16)).toBe(true);
    for (const all of [secrets, ids]) {
      expect(new Set(all.map(String)).size).toBe(200);
      // Of 200 fair bits, fewer than 50 or more than 150 come up once in 10^12 tries.
      for (let bit = 0; bit < (all[0]?.length ?? 0) * 8; bit += 1) {
        const ones = all.filter((bytes) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
        expect(ones).toBeGreaterThan(50);
        expect(ones).toBeLessThan(150);
      }
    }
  });

  it('say what they are for', () => {
    expect(newSecret('trt_')).toMatch(/^trt_[\w-]{43}$/);
    expect(newSecret('tcs_')).toMatch(/^tcs_[\w-]{43}$/);
    expect(newId('cli_')).toMatch(/^cli_[\w-]{22}$/);
  });
});

describe('hashSecret', () => {
  it('is SHA-256 of the whole secret in base64url', () => {
    expect(hashSecret('abc')).toBe(createHash('sha256').update('abc').digest('base64url'));
    expect(hashSecret('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });
});

describe('what the server keeps', () => {
  itOfTessera('are hashes of secrets, never the secrets', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    const client = await tessera.addClient('orders:read');
    const reply = await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
    const { access_token } = reply.body as { access_token: string };
    await tessera.form('/revoke', { token: next.access_token }).expect(200);

    const stored = await everythingStored(tessera);

    for (const refreshToken of [tokens.refresh_token, next.refresh_token]) {
      expect(stored.includes(hashSecret(refreshToken))).toBe(true);
      expect(stored.includes(refreshToken.slice(4))).toBe(false);
      expect(stored.includes(Buffer.from(refreshToken.slice(4), 'base64url'))).toBe(false);
    }
    expect(stored.includes(hashSecret(client.client_secret))).toBe(true);
    expect(stored.includes(client.client_secret.slice(4))).toBe(false);
    for (const accessToken of [tokens.access_token, next.access_token, access_token])
      expect(stored.includes(accessToken.split('.')[2] ?? '')).toBe(false);
    expect(stored.includes(username)).toBe(true);
    expect(stored.includes(password)).toBe(false);
  });
});
