import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { newKeyPair } from '../../support/clients.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base, password } from '../../support/tessera.ts';
import { type WireReply, ask, listen } from '../../support/wire.ts';

const it = base
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  })
  .extend('target', { scope: 'file' }, async ({ tessera }) => {
    const admin = await tessera.newUser(['admin']);
    const { access_token: token } = await tessera.login(admin.username);
    const user = await tessera.newUser();
    const { client_id } = await tessera.addClient('orders:read');
    return { token, user: user.id, client: client_id };
  });

type Target = { token: string; user: string; client: string };
type Operation = {
  readonly name: string;
  /** With a body that is in order, and what shows that it has changed nothing. */
  at(target: Target): { method: string; path: string; good: Record<string, unknown>; look?: string };
};

let count = 0;
const operations: readonly Operation[] = [
  {
    name: 'POST /users',
    at: () => ({ method: 'POST', path: '/users', good: { username: `mass-${(count += 1)}`, password } }),
  },
  {
    name: 'PATCH /users/me',
    at: () => ({ method: 'PATCH', path: '/users/me', good: { name: 'Ada' }, look: '/users/me' }),
  },
  {
    name: 'PUT /users/me/password',
    at: () => ({
      method: 'PUT',
      path: '/users/me/password',
      good: { current_password: password, new_password: 'tin whistle under the stairs' },
      look: '/users/me',
    }),
  },
  {
    name: 'PATCH /users/{userId}',
    at: ({ user }) => ({ method: 'PATCH', path: `/users/${user}`, good: { disabled: true }, look: `/users/${user}` }),
  },
  {
    name: 'POST /clients',
    at: () => ({
      method: 'POST',
      path: '/clients',
      good: { client_name: 'x', scope: 'orders:read' },
      look: '/clients',
    }),
  },
  {
    name: 'PATCH /clients/{clientId}',
    at: ({ client }) => ({
      method: 'PATCH',
      path: `/clients/${client}`,
      good: { client_name: 'another' },
      look: `/clients/${client}`,
    }),
  },
  {
    name: 'POST /keys/rotate',
    at: () => ({ method: 'POST', path: '/keys/rotate', good: { force: true }, look: '/keys' }),
  },
  {
    name: 'POST /keys/{kid}/revoke',
    at: () => ({ method: 'POST', path: '/keys/nobody/revoke', good: { reason: 'lost' }, look: '/keys' }),
  },
];

/** Sends JSON as it stands, and expects a refusal that names the fault, and that nothing has changed. */
async function expectRefused(port: number, target: Target, operation: Operation, json: string, pointer?: string) {
  const { method, path, look } = operation.at(target);
  const before = look && (await read(port, target, look));
  const reply = await send(port, target, operation, json);
  expectContractKept(method, path, reply);
  expect({ json: json.slice(0, 100), status: reply.status }).toEqual({ json: json.slice(0, 100), status: 400 });
  const problem = JSON.parse(reply.body) as { detail: string; errors?: { pointer: string }[] };
  if (pointer !== undefined) expect(problem.errors?.map((fault) => fault.pointer)).toContain(pointer);
  expect(look && (await read(port, target, look))).toEqual(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
}

function send(port: number, target: Target, operation: Operation, json: string): Promise<WireReply> {
  const { method, path } = operation.at(target);
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${target.token}` };
  return ask(port, method, path, headers, json);
}

async function read(port: number, { token }: Target, path: string): Promise<unknown> {
  const reply = await ask(port, 'GET', path, { Authorization: `Bearer ${token}` });
  expect(reply.status).toBe(200);
  return JSON.parse(reply.body);
}

/** What an attacker would like to set: what only the server decides, and what other operations decide. */
const wanted: Readonly<Record<string, unknown>> = {
  id: 'usr_AAAAAAAAAAAAAAAAAAAAAA',
  user_id: 'usr_AAAAAAAAAAAAAAAAAAAAAA',
  sub: 'usr_AAAAAAAAAAAAAAAAAAAAAA',
  role: 'admin',
  roles: ['admin'],
  scope: 'users:manage',
  scopes: ['users:manage'],
  admin: true,
  is_admin: true,
  disabled: false,
  disabled_at: null,
  disabledAt: null,
  password_hash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA',
  passwordHash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA',
  username_key: 'ada',
  created_at: '2020-01-01T00:00:00Z',
  updated_at: '2020-01-01T00:00:00Z',
  client_id: 'cli_AAAAAAAAAAAAAAAAAAAAAA',
  client_secret: 'tcs_l6hZbQyDOmSZjH7X0o5uY0dJt0fGJwzfI3yPqTn1mKs',
  client_secrets: [],
  secret_hash: 'x',
  kid: 'x',
  state: 'active',
  activates_at: '2020-01-01T00:00:00Z',
  session_id: 'x',
};

/** Members of `wanted` that the contract gives the operation. */
const given: Readonly<Record<string, readonly string[]>> = {
  'PATCH /users/{userId}': ['roles', 'disabled'],
  'POST /clients': ['scope'],
  'PATCH /clients/{clientId}': ['scope'],
};

describe.each(operations)('$name', (operation) => {
  it('takes no member but those of the contract: mass assignment [HOSTILE/mass-assignment]', async ({
    port,
    target,
  }) => {
    const { good } = operation.at(target);
    for (const [name, value] of Object.entries(wanted)) {
      if (given[operation.name]?.includes(name) === true) continue;
      await expectRefused(port, target, operation, JSON.stringify({ ...good, [name]: value }), `/body/${name}`);
      await expectRefused(port, target, operation, JSON.stringify({ [name]: value, ...good }), `/body/${name}`);
    }
  });

  it('takes no member that is named as a prototype is [HOSTILE/prototype-members]', async ({ port, target }) => {
    const rest = JSON.stringify(operation.at(target).good).slice(1);
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__']) {
      for (const value of [
        '{"admin":true}',
        '{"prototype":{"admin":true}}',
        '{"__proto__":{"admin":true}}',
        'null',
        '1',
      ])
        await expectRefused(port, target, operation, `{"${name}":${value},${rest}`, `/body/${name}`);
      const escaped = name.replaceAll(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
      await expectRefused(port, target, operation, `{"${escaped}":{"admin":true},${rest}`, `/body/${name}`);
    }
  });

  it('takes no member twice, be the two alike (RFC 7493, 2.3) [HOSTILE/members-twice]', async ({ port, target }) => {
    const { good } = operation.at(target);
    const text = JSON.stringify(good);
    for (const [name, value] of Object.entries(good)) {
      const once = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
      const escaped = `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}":null`;
      for (const more of [once, `${JSON.stringify(name)}:null`, escaped]) {
        await expectRefused(port, target, operation, `{${more},${text.slice(1)}`, `/body/${name}`);
        await expectRefused(port, target, operation, `${text.slice(0, -1)},${more}}`, `/body/${name}`);
      }
    }
  });

  it('is refused when it is nested thousands of levels deep, or ten thousand and unfinished [HOSTILE/nesting]', async ({
    port,
    target,
  }) => {
    const { good } = operation.at(target);
    const [name = ''] = Object.keys(good);
    const depth = 8000;
    const lists = '['.repeat(depth) + ']'.repeat(depth);
    const objects = '{"a":'.repeat(depth / 4) + '1' + '}'.repeat(depth / 4);
    for (const deep of [lists, objects]) {
      await expectRefused(port, target, operation, deep);
      await expectRefused(port, target, operation, JSON.stringify({ ...good, [name]: 0 }).replace('0', deep));
    }
    await expectRefused(port, target, operation, '['.repeat(10_000));
    await expectRefused(port, target, operation, '{"a":'.repeat(3000));
    const tooMuch = await send(port, target, operation, '['.repeat(10_000) + ']'.repeat(10_000));
    expect(tooMuch.status).toBe(413);
  });

  it('is refused with 415 in another charset, in bytes that are no UTF-8, and compressed [HOSTILE/body-encoding]', async ({
    port,
    target,
  }) => {
    const { method, path, good } = operation.at(target);
    const bearer = { Authorization: `Bearer ${target.token}` };
    const json = JSON.stringify(good);
    const typed = { ...bearer, 'Content-Type': 'application/json' };
    const foreign = [
      'utf-16',
      'utf-7',
      'iso-8859-1',
      'windows-1252',
      'gbk',
      'utf-8; charset=utf-7',
      'utf-8, utf-7',
      '"',
      '',
    ];
    const replies = [
      ...foreign.map((charset) => {
        return ask(port, method, path, { ...bearer, 'Content-Type': `application/json; charset=${charset}` }, json);
      }),
      ...['\xff', '\xc0\xaf', '\xed\xa0\x80', '\xf4\x90\x80\x80'].map((bytes) => {
        return ask(port, method, path, typed, Buffer.from(json.replace('"', `"${bytes}`), 'latin1'));
      }),
      ask(port, method, path, { ...typed, 'Content-Encoding': 'gzip' }, gzipSync(json)),
    ];
    for (const reply of await Promise.all(replies)) {
      expectContractKept(method, path, reply);
      expect(reply.status).toBe(415);
    }
    // As bytes of UTF-8 this has a NUL behind each character.
    expect((await ask(port, method, path, typed, Buffer.from(json, 'utf16le'))).status).toBe(400);
  });
});

describe('a part of a body that may hold anything: a JWK', () => {
  const asClient = (jwk: string) => {
    return `{"client_name":"x","scope":"a","token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[${jwk}]}}`;
  };
  const [register] = operations.filter(({ name }) => name === 'POST /clients') as [Operation];

  it('is refused, or taken without what it should not have, whatever it holds [HOSTILE/nesting]', async ({
    port,
    target,
  }) => {
    const key = JSON.stringify(newKeyPair('ES256').jwk);
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    const odd = ['"__proto__":{"admin":true}', '"constructor":{"prototype":{"admin":true}}', `"deep":${deep}`];
    for (const more of odd) {
      const reply = await send(port, target, register, asClient(key.replace('{', `{${more},`)));
      expectContractKept('POST', '/clients', reply);
      expect(reply, more.slice(0, 20)).toMatchObject({ status: 201 });
      const { jwks } = JSON.parse(reply.body) as { jwks: { keys: object[] } };
      expect(Object.keys(jwks.keys[0] ?? {}).sort()).toEqual(['crv', 'kty', 'use', 'x', 'y']);
    }
    for (const bad of [
      deep,
      `{"kty":${deep}}`,
      key.replace('{', '{"kty":"oct",'),
      key.replace('{', '{"d":"x","d":"x",'),
    ])
      await expectRefused(port, target, register, asClient(bad));
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});
