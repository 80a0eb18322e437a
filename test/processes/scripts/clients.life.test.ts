import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newKeyPair } from '../../support/clients.ts';
import { query } from '../../support/installed-data.ts';
import { matching } from '../../support/oauth.ts';
import { runCommand } from '../../support/command.ts';
import { sharedServer } from '../../support/server-process.ts';

const server = sharedServer();

const clients = (...args: string[]) => runCommand('clients', args, server);

/** What a command prints with --json. */
async function done(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await clients(...args, '--json');
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A command that is refused, in one line. */
async function refused(exitCode: number, saying: RegExp, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await clients(...args);
  expect({ args, code, stdout }).toEqual({ args, code: exitCode, stdout: '' });
  expect(stderr).toMatch(saying);
  expect(stderr.trim().split('\n')).toHaveLength(1);
}

type Client = Record<string, unknown> & { client_id: string; client_secret: string };

const create = async (...args: string[]) =>
  (await done('create', '--name', 'a service', '--scope', 'orders:read', ...args)) as Client;

async function statusOf(form: Record<string, string>): Promise<number> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...form });
  return (await fetch(`${server.url}/token`, { method: 'POST', body })).status;
}

describe('npm run clients, beside a running server', () => {
  it('registers whatever the contract has', async () => {
    const file = join(server.folder, 'jwks.json');
    const { jwk } = newKeyPair('ES256', 'k');
    await writeFile(file, JSON.stringify({ keys: [jwk] }));
    const signer = await create(
      ...['--auth-method', 'private_key_jwt', '--jwks', file, '--grant', 'client_credentials', '--grant', 'password'],
      ...['--audience', 'urn:a', '--audience', 'https://b.example', '--token-lifetime', '5m'],
    );
    expect(signer).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...jwk, use: 'sig' }] },
      grant_types: ['client_credentials', 'password'],
      audiences: ['urn:a', 'https://b.example'],
      access_token_lifetime: 300,
      client_secrets: [],
    });
    expect(signer).not.toHaveProperty('client_secret');
    expect(await done('show', signer.client_id)).toEqual(signer);

    const moved = await done('update', signer.client_id, '--jwks-uri', 'https://b.example/jwks');
    expect(moved).toMatchObject({ jwks: null, jwks_uri: 'https://b.example/jwks' });
    const back = await done('update', signer.client_id, '--auth-method', 'client_secret_post');
    expect(back).toMatchObject({ jwks: null, jwks_uri: null, client_secrets: [] });
    const { client_secret } = (await done('add-secret', signer.client_id)) as Client;
    expect(await statusOf({ client_id: signer.client_id, client_secret })).toBe(200);
  });

  it('lists, shows and changes clients, with exit code 4 where there is none such', async () => {
    const made = await create('--token-lifetime', '1m');
    const { client_secret: secret, ...client } = made;
    const changed = await done(
      'update',
      client.client_id,
      '--name',
      'renamed',
      '--scope',
      'x',
      '--token-lifetime',
      'default',
    );
    const { updated_at } = changed;
    const expected = { ...client, client_name: 'renamed', scope: 'x', access_token_lifetime: null, updated_at };
    expect(changed).toEqual(expected);
    const list = (await done('list')) as { clients: Client[] };
    expect(list.clients.find(({ client_id }) => client_id === client.client_id)).toEqual(expected);
    const { stdout } = await clients('list');
    expect(stdout).toContain(`${client.client_id}  client_secret_basic  renamed  x\n`);
    const shown = await clients('show', client.client_id);
    expect(shown.stdout).toMatch(/^client_id {7}cli_.*\nclient_name {5}renamed\n[^]*\nsecret {10}sec_.* never used\n/);
    for (const text of [stdout, shown.stdout, JSON.stringify(list)]) expect(text).not.toContain(secret);
    await refused(4, /^There is no client cli_x\.$/m, 'show', 'cli_x');
    await refused(4, /^There is no client cli_x\.$/m, 'update', 'cli_x', '--name', 'y');
    await refused(2, /^error: --grant: /, 'update', client.client_id, '--auth-method', 'none');
  });

  it('replaces a secret without a pause', async () => {
    const { client_id, client_secret: old, client_secrets } = await create();
    const first = (client_secrets as { id: string }[])[0]?.id ?? '';
    const made = (await done('add-secret', client_id)) as { id: string; client_secret: string };
    expect(made).toMatchObject({ id: matching(/^sec_/), client_secret: matching(/^tcs_/), last_used_at: null });
    for (const client_secret of [old, made.client_secret])
      expect(await statusOf({ client_id, client_secret })).toBe(200);
    await refused(3, /has two secrets already/, 'add-secret', client_id);
    expect(await done('remove-secret', client_id, first)).toMatchObject({ client_secrets: [{ id: made.id }] });
    expect(await statusOf({ client_id, client_secret: old })).toBe(401);
    expect(await statusOf({ client_id, client_secret: made.client_secret })).toBe(200);
    await refused(3, /is the last secret/, 'remove-secret', client_id, made.id);
    await refused(4, /has no secret/, 'remove-secret', client_id, first);
    for (const command of [['add-secret'], ['remove-secret', first]] as const)
      await refused(4, /There is no client/, command[0], 'cli_x', ...command.slice(1));
  });

  it('deletes a client, whose tokens stop working at the running server', async () => {
    const { client_id, client_secret } = await create();
    const { stdout } = await clients('delete', client_id, '--reason', 'not needed any more');
    expect(stdout).toBe(`Deleted ${client_id}.\n`);
    expect(await statusOf({ client_id, client_secret })).toBe(401);
    await refused(4, /There is no client/, 'delete', client_id);
    const rows = query(
      server,
      'select type, actor, reason from audit_events where subject = ? order by seq',
      client_id,
    );
    const actor = JSON.stringify({ kind: 'script', name: userInfo().username });
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { type: 'client.registered', actor, reason: null },
      { type: 'client.deleted', actor, reason: 'not needed any more' },
    ]);
  });

  it('takes no file that holds a private key, and repeats nothing of any file', async () => {
    const file = join(server.folder, 'private.json');
    const { privateKey } = newKeyPair('ES256');
    const whole = privateKey.export({ format: 'jwk' });
    const args = ['create', '--name', 'x', '--scope', 'x', '--auth-method', 'private_key_jwt', '--jwks'];
    for (const text of [JSON.stringify({ keys: [whole] }), JSON.stringify(whole), 'sesame', '']) {
      await writeFile(file, text);
      await refused(2, /^error: --jwks(?!.*sesame)/, ...args, file);
      const { stderr } = await clients(...args, file);
      expect(stderr).not.toContain(whole.d);
    }
    await refused(1, /cannot be read \(ENOENT\)/, ...args, `${file}.not`);
  });
});
