import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../support/process.ts';
import { sharedServer } from '../support/server-process.ts';

const server = sharedServer();

const clients = (args: string[]) => run('scripts/clients.ts', args, server);
const create = (scope: string, ...args: string[]) =>
  clients(['create', '--name', 'a service', '--scope', scope, ...args]);

type Client = { client_id: string; client_secret: string };

async function token(form: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...form });
  const reply = await fetch(`${server.url}/token`, { method: 'POST', body, headers });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

describe('npm run clients -- create', () => {
  it('with --json prints one document with the names of the contract, and the client works at once', async () => {
    const { code, stdout, stderr } = await create('orders:read orders:write', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const made = JSON.parse(stdout) as Client;
    expect(made).toEqual({
      client_id: expect.stringMatching(/^cli_[\w-]{22}$/) as string,
      client_secret: expect.stringMatching(/^tcs_[\w-]{43}$/) as string,
      name: 'a service',
      scope: 'orders:read orders:write',
    });

    const { client_id, client_secret } = made;
    const granted = { status: 200, body: { scope: 'orders:read orders:write', token_type: 'Bearer' } };
    expect(await token({ client_id, client_secret })).toMatchObject(granted);
    const basic = Buffer.from(`${client_id}:${client_secret}`).toString('base64');
    expect(await token({}, { Authorization: `Basic ${basic}` })).toMatchObject(granted);
    expect(await token({ client_id, client_secret: `${client_secret}x` })).toMatchObject({ status: 401 });
    expect(await token({ client_id, client_secret, scope: 'other' })).toMatchObject({ status: 400 });
  });

  it('prints for people what they need to copy', async () => {
    const { code, stdout } = await create('orders:read');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Registered a service\.\nclient_id +cli_[\w-]{22}\nclient_secret +tcs_[\w-]{43} .*once/);
    const [client_id = '', client_secret = ''] = stdout.match(/(?:cli|tcs)_[\w-]+/g) ?? [];
    expect(await token({ client_id, client_secret })).toMatchObject({ status: 200 });
  });

  it('stores the secret as a hash alone', async () => {
    const { client_id, client_secret } = JSON.parse((await create('x', '--json')).stdout) as Client;
    const folder = join(server.folder, 'data');
    const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))));
    const stored = Buffer.concat(files);
    expect(stored.includes(client_id)).toBe(true);
    expect(stored.includes(client_secret)).toBe(false);
    expect(stored.includes(client_secret.slice(4))).toBe(false);
    expect(stored.includes(createHash('sha256').update(client_secret).digest('base64url'))).toBe(true);
  });

  it('makes a client of its own each time, also of several at the same moment', async () => {
    const ends = await Promise.all([create('b a b', '--json'), create('x', '--json')]);
    const made = ends.map(({ stdout }) => JSON.parse(stdout) as Client);
    expect(new Set(made.map(({ client_id }) => client_id)).size).toBe(2);
    expect(new Set(made.map(({ client_secret }) => client_secret)).size).toBe(2);
    expect(made[0]).toMatchObject({ scope: 'b a' });
  });
});

describe('wrong usage of npm run clients', () => {
  const wrong: [args: string[], saying: RegExp][] = [
    [[], /a command is missing: create/],
    [['create', '--name', 'x'], /'--scope <scope>' not specified/],
    [['create', '--name', 'x', '--scope', 'x', '--secret', 'x'], /unknown option '--secret'/],
    [['create', '--name', 'x', '--scope', ''], /^error: --scope: .*separated by single spaces/],
    [['create', '--name', 'x', '--scope', 'a  b'], /^error: --scope: .*single spaces/],
    [['create', '--name', 'a\nb', '--scope', 'x'], /^error: --name: .*1 to 100 characters.*control character/],
    [['create', '--name', '', '--scope', 'x'], /^error: --name: .*1 to 100 characters/],
    [['create', '--name', 'x'.repeat(101), '--scope', 'x'], /^error: --name: .*1 to 100 characters/],
  ];

  it('is one clear line on standard error, and exit code 2', async () => {
    await Promise.all(
      wrong.map(async ([args, saying]) => {
        const { code, stdout, stderr } = await clients(args);
        expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
        expect(stderr).toMatch(saying);
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }),
    );
  });
});
