/**
 * Texts that no database takes as they come: a NUL, half a surrogate pair, characters that are none, and more than an index
 * has room for. Wherever they are sent they are refused as anything else that is unknown, or kept as they are.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { administrator, addSigner, newKeyPair, present, sign } from '../../support/clients.ts';
import { basicHeader, signIn } from '../../support/oauth.ts';
import { type Tessera, it, password } from '../../support/tessera.ts';

const texts: Readonly<Record<string, string>> = {
  'a NUL': '\0',
  'a NUL within': 'ada\0lovelace',
  'a noncharacter': 'a\uFFFF0',
  'half a pair': 'ada\uD800',
  'more than an index has room for': randomBytes(3000).toString('base64url'),
};

const usersId = 'usr_AAAAAAAAAAAAAAAAAAAAAA';
const ids = (text: string) => [text, `usr_${text}`, `${usersId}${text}`, usersId.replace('A', text)];
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

/** JSON as only an attacker writes it: `JSON.stringify` gives a lone surrogate its escape. */
const json = (tessera: Tessera, method: 'post' | 'patch' | 'put', path: string, body: object, token = '') =>
  tessera.request[method](path)
    .set('Content-Type', 'application/json')
    .set(token === '' ? {} : { Authorization: `Bearer ${token}` })
    .send(JSON.stringify(body));

/** All that can be sent with a text in it, and what is never the answer to it. */
async function ways(tessera: Tessera, text: string) {
  const admin = await administrator(tessera);
  const { tokens } = await signIn(tessera);
  const user = tokens.access_token;
  const grant = (fields: Record<string, string>) => tessera.form('/token', fields);
  const login = { grant_type: 'password', username: 'ada', password };
  const client = { grant_type: 'client_credentials', client_id: 'cli_x', client_secret: 'x' };
  const get = (path: string) => tessera.bearer('get', path, admin);
  const cursors = [text, ...ids(text).flatMap((id) => [`0:${id}`, `${text}:${id}`])];
  return {
    'a form of POST /token': [
      ...Object.keys(login).map((field) => () => grant({ ...login, [field]: text })),
      ...['client_id', 'client_secret', 'scope', 'resource', 'device'].map(
        (field) => () => grant({ ...login, [field]: text }),
      ),
      ...Object.keys(client).map((field) => () => grant({ ...client, [field]: text })),
      ...[text, `trt_${text}`, `trt_${text}`.padEnd(47, 'A')].map(
        (token) => () => grant({ grant_type: 'refresh_token', refresh_token: token }),
      ),
      ...['client_id', 'scope', 'resource'].map(
        (field) => () => grant({ grant_type: 'refresh_token', refresh_token: `trt_${'A'.repeat(43)}`, [field]: text }),
      ),
    ],
    'Basic credentials': [
      [text, 'x'],
      [encoded(text), 'x'],
      ['cli_x', encoded(text)],
    ].flatMap(([id, secret]) =>
      ['/token', '/revoke', '/introspect'].map(
        (path) => () =>
          tessera
            .form(path, { grant_type: 'client_credentials', token: 'x' })
            .set('Authorization', basicHeader(`${id}:${secret}`)),
      ),
    ),
    'POST /revoke and /introspect': ['/revoke', '/introspect'].flatMap((path) => [
      () => tessera.form(path, { token: text }),
      () => tessera.form(path, { token: `trt_${text}` }),
      () => tessera.form(path, { token: text, token_type_hint: text, client_id: text, client_secret: text }),
    ]),
    'a path': [
      ...ids(text).flatMap((id) => [
        () => get(`/users/${encoded(id)}`),
        () => get(`/users/${encoded(id)}/sessions`),
        () => get(`/clients/${encoded(id.replace('usr', 'cli'))}`),
        () => tessera.bearer('delete', `/users/${encoded(id)}/sessions`, admin),
        () => tessera.bearer('delete', `/users/${encoded(id)}`, admin),
        () => tessera.bearer('delete', `/clients/${encoded(id.replace('usr', 'cli'))}/secrets/${encoded(id)}`, admin),
        () => tessera.bearer('delete', `/users/me/sessions/${encoded(id)}`, user),
        () => tessera.bearer('post', `/keys/${encoded(id)}/revoke`, admin),
        () => json(tessera, 'patch', `/users/${encoded(id)}`, { disabled: true }, admin),
        () => json(tessera, 'patch', `/clients/${encoded(id)}`, { client_name: 'x' }, admin),
      ]),
    ],
    'a query': [
      () => get(`/users?search=${encoded(text)}`),
      ...['/users', '/clients', '/audit-events'].flatMap((path) =>
        cursors.flatMap((cursor) => [
          () => get(`${path}?cursor=${encoded(cursor)}`),
          () => get(`${path}?cursor=${Buffer.from(cursor).toString('base64url')}`),
        ]),
      ),
      ...['subject', 'actor', 'type', 'outcome', 'since', 'until', 'limit'].map(
        (name) => () => get(`/audit-events?${name}=${encoded(text)}`),
      ),
    ],
    'a body': [
      () => json(tessera, 'post', '/users', { username: text, password }),
      () => json(tessera, 'post', '/users', { username: `u${randomBytes(6).toString('hex')}`, password, name: text }),
      () =>
        json(tessera, 'post', '/users', { username: `u${randomBytes(6).toString('hex')}`, password: text.repeat(9) }),
      () => json(tessera, 'patch', '/users/me', { name: text }, user),
      () => json(tessera, 'patch', '/users/me', { username: text }, user),
      () => json(tessera, 'put', '/users/me/password', { current_password: text, new_password: text }, user),
      () => json(tessera, 'post', '/clients', { client_name: text, scope: 'a' }, admin),
      () => json(tessera, 'post', '/clients', { client_name: 'x', scope: text }, admin),
      () => json(tessera, 'post', '/clients', { client_name: 'x', scope: 'a', audiences: [text] }, admin),
      () => json(tessera, 'post', '/keys/rotate', { signer: text, reason: text }, admin),
      () => json(tessera, 'post', '/keys/rotate', { signer: 'nobody', reason: text }, admin),
    ],
    'what names the device': [
      () => grant(login).set('Cookie', `device=${encoded(text)}`),
      () => grant(login).set('User-Agent', encoded(text)),
      () => tessera.bearer('get', '/users/me', encoded(text)),
    ],
  };
}

describe.each(Object.entries(texts))('%s', (_, text) => {
  it('is no fault of the server, wherever it is sent', async ({ tessera }) => {
    const seen: Record<number, number> = {};
    for (const [way, requests] of Object.entries(await ways(tessera, text))) {
      for (const [nth, request] of requests.entries()) {
        const { status, text: reply } = await request();
        seen[status] = (seen[status] ?? 0) + 1;
        expect({ way, nth, status, reply, isFault: status >= 500 }).toMatchObject({ isFault: false });
      }
    }
    expect(tessera.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
    expect(Object.keys(seen)).toEqual(expect.arrayContaining(['400', '401']));
  });

  it('may be the jti of an assertion, and is that once', async ({ tessera }) => {
    const pair = newKeyPair('ES256');
    const client = await addSigner(tessera, pair);
    for (const jti of [text.slice(0, 200), `another ${text.slice(0, 200)}`]) {
      const assertion = await sign(tessera, client, pair, { claims: { jti } });
      expect((await present(tessera, assertion)).status).toBe(200);
      expect((await present(tessera, assertion)).status).toBe(401);
    }
    for (const claims of [{ sub: text, iss: text }, { sub: text }, { iss: text }, { aud: text }])
      expect((await present(tessera, await sign(tessera, client, pair, { claims }))).status).toBe(401);
    const header = { kid: text };
    expect((await present(tessera, await sign(tessera, client, pair, { header }))).status).toBe(401);
  });
});

describe('a moment that is no whole second', () => {
  it.for([0.5, 59.999_999])('is good for an assertion to expire at: in %s seconds', async (seconds, { tessera }) => {
    const pair = newKeyPair('ES256');
    const client = await addSigner(tessera, pair);
    const exp = tessera.clock() + seconds;
    const assertion = await sign(tessera, client, pair, { claims: { exp, iat: exp - 60, nbf: exp - 60.25 } });
    expect((await present(tessera, assertion)).status).toBe(200);
    expect((await present(tessera, assertion)).status).toBe(401);
  });

  it.for([1e15, 1e300, -1e300, 2 ** 53])(
    'is none, nor a fault, where it is out of reach: %s',
    async (exp, { tessera }) => {
      const pair = newKeyPair('ES256');
      const client = await addSigner(tessera, pair);
      expect((await present(tessera, await sign(tessera, client, pair, { claims: { exp } }))).status).toBe(401);
    },
  );

  it('is good to ask for events by, as far off as can be written', async ({ tessera }) => {
    const admin = await administrator(tessera);
    for (const moment of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z', '2026-11-24T00:00:00.5Z'])
      for (const end of ['since', 'until'])
        await tessera.bearer('get', `/audit-events?${end}=${moment}`, admin).expect(200);
  });
});
