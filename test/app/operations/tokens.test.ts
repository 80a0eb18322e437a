import { describe, expect } from 'vitest';
import { expectOAuthError, signIn } from '../../support/oauth.ts';
import { type Tessera, it } from '../../support/tessera.ts';
import { password } from '../../support/tessera.ts';

/** Sends the body as it stands. */
function post(tessera: Tessera, body: string, path = '/token') {
  return tessera.request.post(path).type('form').send(body);
}

async function passwordForm(tessera: Tessera): Promise<string> {
  const { username } = await tessera.newUser();
  return new URLSearchParams({ grant_type: 'password', username, password }).toString();
}

describe('POST /token, grant_type', () => {
  it('is needed, and counts as absent when empty (RFC 6749, 3.1) [RFC6749-3.2/empty]', async ({ tessera }) => {
    for (const body of ['', 'grant_type', 'grant_type=', 'grant_type=&username=ada', 'username=ada']) {
      const reply = await post(tessera, body);
      expectOAuthError(reply, 400, 'invalid_request');
      expect(reply.body).toMatchObject({ error_description: 'grant_type is missing.' });
    }
  });

  it('is unsupported_grant_type when the server does not know it (RFC 6749, 5.2) [RFC6749-5.2/unsupported-grant-type]', async ({
    tessera,
  }) => {
    const unknown = ['authorization_code', 'implicit', 'Password', 'password ', '__proto__', 'constructor'];
    for (const grant_type of unknown)
      expectOAuthError(await tessera.form('/token', { grant_type }), 400, 'unsupported_grant_type');
  });
});

describe('POST /token, parameters', () => {
  it.for([
    ['one that counts', (form: string) => `${form}&grant_type=password`],
    ['one that counts, once empty', (form: string) => `${form}&scope=profile:read&scope=`],
    ['one that counts, in another spelling', (form: string) => `${form}&%67rant_type=password`],
    ['one that the server does not know', (form: string) => `${form}&colour=red&colour=blue`],
    ['an unknown one, both empty', (form: string) => `${form}&colour=&colour`],
    ['the name of a prototype', (form: string) => `${form}&__proto__=1&__proto__=1`],
  ] as const)(
    'may not be repeated: %s (RFC 6749, 3.2) [RFC6749-3.2/repeated] [HOSTILE/parameters-twice]',
    async ([, repeat], { tessera }) => {
      const form = await passwordForm(tessera);
      expectOAuthError(await post(tessera, repeat(form)), 400, 'invalid_request');
      await post(tessera, form).expect(200);
    },
  );

  it.for(['colour=red', '__proto__=1', 'constructor=1&toString=2', '=', '&&', 'a[]=1'])(
    'are ignored when the server does not know them: %s (RFC 6749, 3.2) [RFC6749-3.2/unknown]',
    async (unknown, { tessera }) => {
      await post(tessera, `${unknown}&${await passwordForm(tessera)}`).expect(200);
    },
  );

  it('count as absent when empty: scope, client_id and client_secret (RFC 6749, 3.2) [RFC6749-3.2/empty]', async ({
    tessera,
  }) => {
    const form = await passwordForm(tessera);
    const reply = await post(tessera, `${form}&scope=&client_id=&client_secret=&refresh_token`).expect(200);
    expect(reply.body).toMatchObject({ scope: 'profile:read profile:write' });
  });

  it('are read from the body alone, and those of the query ignored (RFC 6749, 2.3.1 and 3.2) [RFC6749-2.3.1/body]', async ({
    tessera,
  }) => {
    const form = await passwordForm(tessera);
    expectOAuthError(await post(tessera, '', `/token?${form}`), 400, 'invalid_request');
    const reply = await post(tessera, form, '/token?grant_type=client_credentials&scope=tokens:introspect&scope=x');
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ scope: 'profile:read profile:write' });
  });

  it('are refused when they are not form-encoded UTF-8 [RFC6749-5.2/invalid-request]', async ({ tessera }) => {
    for (const body of ['grant_type=%zz', 'grant_type=password&x=%', 'grant_type=password&username=%ff', '%C3=1'])
      expectOAuthError(await post(tessera, body), 400, 'invalid_request');
  });

  it('are refused in any other media type', async ({ tessera }) => {
    const json = await tessera.request.post('/token').send({ grant_type: 'password', username: 'ada', password });
    expectOAuthError(json, 415, 'invalid_request');
    const none = await tessera.request.post('/token').send();
    expectOAuthError(none, 415, 'invalid_request');
  });

  it('may be many at once without a user of one request getting the tokens of another', async ({ tessera }) => {
    const users = await Promise.all(Array.from({ length: 6 }, () => signIn(tessera)));
    for (const { username, tokens } of users) {
      const me = await tessera.bearer('get', '/users/me', tokens.access_token);
      expect(me.body).toMatchObject({ username });
    }
  });
});
