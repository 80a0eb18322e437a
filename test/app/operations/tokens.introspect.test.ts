import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import {
  type Credentials,
  basic,
  expectInvalidClient,
  expectOAuthError,
  introspect,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { forUsers } from '../../support/clients.ts';
import { occasion } from '../../support/records.ts';
import { type Tessera, it } from '../../support/tessera.ts';
import { issuer } from '../../support/tessera.ts';

const inactive = '{"active":false}';

function ask(tessera: Tessera, token: string, more: Record<string, string> = {}) {
  return tessera.form('/introspect', { token, ...more });
}

async function tokenOf(tessera: Tessera, client: Credentials, scope = ''): Promise<string> {
  const reply = await tessera.form('/token', { grant_type: 'client_credentials', scope, ...client }).expect(200);
  return (reply.body as { access_token: string }).access_token;
}

describe('POST /introspect, what it says', () => {
  it('of an access token of a user: its claims and the username, and nothing else (RFC 7662, 2.2) [RFC7662-2.2/active]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const { id, username, tokens } = await signIn(tessera, { client });
    const reply = await ask(tessera, tokens.access_token, client);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(reply.body).toEqual({
      active: true,
      iss: issuer,
      aud: issuer,
      sub: id,
      client_id: client.client_id,
      username,
      scope: 'profile:read',
      token_type: 'Bearer',
      iat: tessera.clock(),
      exp: tessera.clock() + 900,
      jti: decodeJwt(tokens.access_token).jti,
      sid: decodeJwt(tokens.access_token)['sid'],
    });
  });

  it('of an access token of a client: the same without a username (RFC 7662, 2.2) [RFC7662-5]', async ({ tessera }) => {
    const client = await tessera.addClient('orders:read');
    const token = await tokenOf(tessera, client);
    expect((await ask(tessera, token, client)).body).toEqual({
      active: true,
      iss: issuer,
      aud: issuer,
      sub: client.client_id,
      client_id: client.client_id,
      scope: 'orders:read',
      token_type: 'Bearer',
      iat: tessera.clock(),
      exp: tessera.clock() + 900,
      jti: decodeJwt(token).jti,
    });
  });

  it('of a refresh token: the session, and to the minute when it was issued and expires (RFC 7662, 2.2) [RFC7662-2.2/active]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read profile:write', forUsers);
    const { id, username, tokens } = await signIn(tessera, { client });
    // Into a minute, at whose beginning nothing happened.
    tessera.clock.advance(120 - (tessera.clock() % 60) + 37);
    const minute = tessera.clock() - 37;
    const next = await rotate(tessera, tokens.refresh_token, { ...client, scope: 'profile:read' });
    expect((await ask(tessera, next.refresh_token, client)).body).toEqual({
      active: true,
      iss: issuer,
      sub: id,
      client_id: client.client_id,
      username,
      scope: 'profile:read profile:write',
      iat: minute,
      exp: minute + 30 * 86_400,
      sid: decodeJwt(tokens.access_token)['sid'],
    });
    await rotate(tessera, next.refresh_token, client);
  });

  it('shows the username as it is now', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await tessera.bearer('patch', '/users/me', tokens.access_token).send({ username: 'renamed' }).expect(200);
    expect(await introspect(tessera, tokens.access_token)).toMatchObject({ username: 'renamed' });
  });

  it.for(['access_token', 'refresh_token', 'urn:example:unknown'])(
    'does not depend on the hint %s (RFC 7662, 2.1) [RFC7662-2.1/request]',
    async (token_type_hint, { tessera }) => {
      const client = await tessera.addClient('profile:read', forUsers);
      const { tokens } = await signIn(tessera, { client });
      for (const token of [tokens.access_token, tokens.refresh_token])
        expect((await ask(tessera, token, { ...client, token_type_hint })).body).toMatchObject({ active: true });
    },
  );
});

describe('POST /introspect, whom it answers', () => {
  it('shows a client the tokens of others as inactive, and nothing more (RFC 7662, 2.2) [RFC7662-2.2/inactive]', async ({
    tessera,
  }) => {
    const mine = await tessera.addClient('profile:read');
    const others = await tessera.addClient('profile:read', forUsers);
    const { tokens } = await signIn(tessera, { client: others });
    const firstParty = (await signIn(tessera)).tokens;
    const hidden = [tokens.access_token, tokens.refresh_token, await tokenOf(tessera, others)];
    for (const token of [...hidden, firstParty.access_token, firstParty.refresh_token]) {
      const reply = await ask(tessera, token, mine).expect(200);
      expect(reply.text).toBe(inactive);
    }
  });

  it('shows every token to a client that is registered for tokens:introspect, by either method', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const observer = await tessera.addClient('orders:read tokens:introspect');
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expect((await ask(tessera, token, observer)).body).toMatchObject({ active: true });
      const byBasic = await ask(tessera, token).set('Authorization', basic(observer));
      expect(byBasic.body).toMatchObject({ active: true });
    }
  });

  it('shows every token to the bearer of an access token with tokens:introspect', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const service = await tokenOf(tessera, await tessera.addClient('tokens:introspect'));
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    for (const bearer of [service, admin]) {
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        const reply = await ask(tessera, token).set('Authorization', `Bearer ${bearer}`).expect(200);
        expect(reply.body).toMatchObject({ active: true });
      }
    }
  });

  it('shows of a token what is left of its scope once a role is gone', async ({ tessera }) => {
    const user = await signIn(tessera, { roles: ['auditor'] });
    await tessera.newUser(['admin']);
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    await tessera.bearer('patch', `/users/${user.id}`, admin).send({ roles: [] }).expect(200);
    for (const token of [user.tokens.access_token, user.tokens.refresh_token])
      expect(await introspect(tessera, token)).toMatchObject({ active: true, scope: 'profile:read profile:write' });
    const privileged = await signIn(tessera, { roles: ['auditor'], scope: 'audit:read' });
    await tessera.bearer('patch', `/users/${privileged.id}`, admin).send({ roles: [] }).expect(200);
    for (const token of [privileged.tokens.access_token, privileged.tokens.refresh_token])
      expect(await introspect(tessera, token)).toEqual({ active: false });
  });

  it('answers 403 to an access token without that scope, whatever the client is registered for (RFC 6750, 3.1)', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const client = await tessera.addClient('orders:read tokens:introspect');
    const narrowed = await tokenOf(tessera, client, 'orders:read');
    for (const bearer of [tokens.access_token, narrowed]) {
      const reply = await ask(tessera, tokens.access_token).set('Authorization', `Bearer ${bearer}`);
      expectOAuthError(reply, 403, 'insufficient_scope');
      expect(reply.headers['www-authenticate']).toBe(
        'Bearer realm="tessera", error="insufficient_scope", scope="tokens:introspect"',
      );
    }
  });

  it('answers 401 to a request without credentials, for the first-party client, too (RFC 7662, 2.1) [RFC7662-2.1/caller]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const { client_id } = await tessera.addClient('tokens:introspect');
    for (const more of [{}, { client_id: 'first-party' }, { client_id }])
      expectInvalidClient(await ask(tessera, tokens.access_token, more));
    const byBasic = await ask(tessera, tokens.access_token).set('Authorization', 'Basic Zmlyc3QtcGFydHk6');
    expectInvalidClient(byBasic);
  });

  it('answers 401 to a bearer whose token does not work (RFC 6750, 3.1) [RFC7662-2.3]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const client = await tessera.addClient('tokens:introspect');
    const [expired, revoked] = [await tokenOf(tessera, client), await tokenOf(tessera, client)];
    await tessera.form('/revoke', { token: revoked, ...client }).expect(200);
    const challenge = (description: string) =>
      `Bearer realm="tessera", error="invalid_token", error_description="${description}"`;
    for (const bearer of [revoked, 'x', 'a.b.c', tokens.refresh_token]) {
      const reply = await ask(tessera, tokens.access_token).set('Authorization', `Bearer ${bearer}`);
      expectOAuthError(reply, 401, 'invalid_token');
      expect(reply.headers['www-authenticate']).toBe(challenge('The access token does not work.'));
    }
    tessera.clock.advance(900);
    const reply = await ask(tessera, tokens.refresh_token).set('Authorization', `Bearer ${expired}`);
    expectOAuthError(reply, 401, 'invalid_token');
    expect(reply.headers['www-authenticate']).toBe(challenge('The access token has expired.'));
  });

  it('refuses a bearer token and client credentials at once (RFC 6749, 2.3) [RFC6749-2.3]', async ({ tessera }) => {
    const client = await tessera.addClient('tokens:introspect');
    const bearer = await tokenOf(tessera, client);
    const reply = await ask(tessera, bearer, client).set('Authorization', `Bearer ${bearer}`);
    expectOAuthError(reply, 400, 'invalid_request');
  });

  it('needs the parameter token, once, however the caller authenticates [RFC6750-3.1/invalid-request] [RFC7662-2.1/request]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('tokens:introspect');
    const bearer = `Bearer ${await tokenOf(tessera, client)}`;
    const inBody = new URLSearchParams(client).toString();
    for (const body of ['', 'token=', 'token_type_hint=access_token', 'token=a&token=a']) {
      const post = (form: string) => tessera.request.post('/introspect').type('form').send(form);
      expectOAuthError(await post(body).set('Authorization', bearer), 400, 'invalid_request');
      expectOAuthError(await post(body).set('Authorization', basic(client)), 400, 'invalid_request');
      expectOAuthError(await post(`${inBody}&${body}`), 400, 'invalid_request');
    }
  });
});

describe('POST /introspect, a token that does not work', () => {
  it('is inactive when it was never issued here [RFC7662-2.2/inactive]', async ({ tessera }) => {
    const observer = await tessera.addClient('tokens:introspect');
    const { tokens } = await signIn(tessera);
    const forged = `${tokens.access_token.split('.').slice(0, 2).join('.')}.AAAA`;
    for (const token of ['x', 'trt_', `trt_${'A'.repeat(43)}`, 'a.b.c', forged, '\0', observer.client_secret])
      expect((await ask(tessera, token, observer)).text).toBe(inactive);
  });

  it('is inactive from the second on in which it expires [RFC7662-2.3]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(899);
    expect(await introspect(tessera, tokens.access_token)).toMatchObject({ active: true });
    tessera.clock.advance(1);
    expect(await introspect(tessera, tokens.access_token)).toEqual({ active: false });
    expect(await introspect(tessera, tokens.refresh_token)).toMatchObject({ active: true });
    tessera.clock.advance(30 * 86_400 - 900);
    expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
  });

  it('is inactive once revoked, used, or of a session that has ended [RFC7662-4/checks]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
    await tessera.form('/revoke', { token: tokens.access_token }).expect(200);
    expect(await introspect(tessera, tokens.access_token)).toEqual({ active: false });
    expect(await introspect(tessera, next.access_token)).toMatchObject({ active: true });
    await tessera.form('/revoke', { token: next.refresh_token }).expect(200);
    expect(await introspect(tessera, next.access_token)).toEqual({ active: false });
    expect(await introspect(tessera, next.refresh_token)).toEqual({ active: false });
  });

  it('is inactive for good once its user is disabled or deleted', async ({ tessera }) => {
    const [disabled, deleted] = [await signIn(tessera), await signIn(tessera)];
    await tessera.disableUser(disabled.id);
    await tessera.bearer('delete', '/users/me', deleted.tokens.access_token).expect(204);
    const tokens = [disabled, deleted].flatMap((each) => [each.tokens.access_token, each.tokens.refresh_token]);
    for (const token of tokens) expect(await introspect(tessera, token)).toEqual({ active: false });
    await tessera.database.users.administerUser(disabled.id, { disabled: false }, occasion(tessera.clock()));
    for (const token of tokens) expect(await introspect(tessera, token)).toEqual({ active: false });
    for (const { tokens: dead } of [disabled, deleted])
      expectOAuthError(await refresh(tessera, dead.refresh_token), 400, 'invalid_grant');
  });
});
