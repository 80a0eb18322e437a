import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { form } from '../../support/ask.ts';
import { matching } from '../../support/oauth.ts';
import { run } from '../../support/process.ts';
import { runCommand } from '../../support/command.ts';
import { sharedServer } from '../../support/server-process.ts';

const server = sharedServer();

const clients = (args: string[]) => runCommand('clients', args, server);
const creation = (scope: string, args: string[]) => ['create', '--name', 'a service', '--scope', scope, ...args];
const create = (scope: string, ...args: string[]) => clients(creation(scope, args));
const createInOwnProcess = (scope: string, ...args: string[]) =>
  run('scripts/clients.ts', creation(scope, args), server);

const moment = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

type Client = { client_id: string; client_secret: string };

const token = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  form(`${server.url}/token`, { grant_type: 'client_credentials', ...fields }, headers);

describe('npm run clients -- create', () => {
  it('with --json prints one document with the names of the contract, and the client works at once', async () => {
    const { code, stdout, stderr } = await createInOwnProcess('orders:read orders:write', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const made = JSON.parse(stdout) as Client;
    expect(made).toEqual({
      client_id: matching(/^cli_[\w-]{22}$/),
      client_secret: matching(/^tcs_[\w-]{43}$/),
      client_name: 'a service',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      scope: 'orders:read orders:write',
      audiences: [server.url],
      access_token_lifetime: null,
      jwks: null,
      jwks_uri: null,
      client_secrets: [{ id: matching(/^sec_[\w-]{22}$/), created_at: moment, last_used_at: null }],
      created_at: moment,
      updated_at: moment,
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
    const ends = await Promise.all([createInOwnProcess('b a b', '--json'), createInOwnProcess('x', '--json')]);
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
    [['create', '--name', 'x', '--scope', 'x', '--grant', 'implicit'], /--grant.*Allowed choices are client_cred/],
    [['create', '--name', 'x', '--scope', 'x', '--grant', 'refresh_token'], /^error: --grant: .*goes with password/],
    [['create', '--name', 'x', '--scope', 'x', '--auth-method', 'tls'], /--auth-method.*Allowed choices/],
    [['create', '--name', 'x', '--scope', 'x', '--auth-method', 'private_key_jwt'], /^error: --jwks: is missing/],
    [['create', '--name', 'x', '--scope', 'x', '--audience', 'urn:a', '--audience', 'b'], /^error: --audience\/1: /],
    [['create', '--name', 'x', '--scope', 'x', '--token-lifetime', 'long'], /--token-lifetime.*It is a duration/],
    [['create', '--name', 'x', '--scope', 'x', '--token-lifetime', '16m'], /^error: --token-lifetime: is 1 to 900/],
    [['create', '--name', '', '--scope', ''], /^error: --name: .*; --scope: /],
    [['create', '--name', 'x', '--scope', 'x', '--jwks-uri', 'http://a.example'], /^error: --jwks-uri: /],
    [['create', '--name', 'x', '--scope', 'x', '--reason', ''], /--reason.*1 to 500 characters/],
    [['update', 'cli_x'], /^error: nothing is given to change/],
    [['show'], /missing required argument 'client_id'/],
    [['remove-secret', 'cli_x'], /missing required argument 'secret_id'/],
  ];

  it('includes http on this machine for --jwks-uri in production', async () => {
    const args = ['create', '--name', 'x', '--scope', 'x', '--auth-method', 'private_key_jwt', '--jwks-uri'];
    const production = {
      ...server.environment,
      NODE_ENV: 'production',
      ISSUER: 'https://tokens.example.com',
      KEY_BESIDE_DATABASE: 'allow',
      RATE_LIMITS: 'on',
    };
    const create = (url: string, environment: Record<string, string>) =>
      runCommand('clients', [...args, url], { ...server, environment });
    expect((await create('http://127.0.0.1:9/jwks', server.environment)).code).toBe(0);
    const refused = await create('http://127.0.0.1:9/jwks', production);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^error: --jwks-uri: .*https/);
    expect((await create('https://a.example/jwks', production)).code).toBe(0);
  });

  it.for(wrong)('is one clear line on standard error, and exit code 2: %j', async ([args, saying]) => {
    const { code, stdout, stderr } = await clients(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(saying);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
