import { describe, expect } from 'vitest';
import {
  basic,
  expectAlive,
  expectDead,
  expectInvalidClient,
  expectOAuthError,
  introspect,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, it } from '../../support/tessera.ts';

function revoke(tessera: Tessera, token: string, more: Record<string, string> = {}) {
  return tessera.form('/revoke', { token, ...more });
}

async function clientToken(tessera: Tessera, client: { client_id: string; client_secret: string }) {
  const reply = await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
  return (reply.body as { access_token: string }).access_token;
}

/** Through it users may sign in. */
const forUsers = { grantTypes: ['password', 'refresh_token'] } as const;

/** What an access token says of itself. */
function claimsOf(accessToken: string): { jti: string; sid: string; sub: string } {
  return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as ReturnType<
    typeof claimsOf
  >;
}

async function eventsOf({ database }: Tessera, subject: string) {
  return ((await database.audit.listEvents({ before: null, limit: 100, subject })) ?? []).reverse();
}

describe('POST /revoke', () => {
  it('of a refresh token ends its session at once, and no other (RFC 7009, 2.1) [RFC7009-2.1/at-once] [RFC7009-2.1/cascade] [RFC9700-4.14.2/revocation]', async ({
    tessera,
  }) => {
    const { username, tokens } = await signIn(tessera);
    const elsewhere = await tessera.login(username);
    const next = await rotate(tessera, tokens.refresh_token);

    const reply = await revoke(tessera, next.refresh_token);
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('');
    expect(reply.headers['cache-control']).toBe('no-store');

    await expectDead(tessera, tokens.access_token);
    await expectDead(tessera, next.access_token);
    expectOAuthError(await refresh(tessera, next.refresh_token), 400, 'invalid_grant');
    expect(await introspect(tessera, next.refresh_token)).toEqual({ active: false });
    await expectAlive(tessera, elsewhere.access_token);
  });

  it('of a used refresh token ends its session, too', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    await revoke(tessera, tokens.refresh_token).expect(200);
    await expectDead(tessera, next.access_token);
    expectOAuthError(await refresh(tessera, next.refresh_token), 400, 'invalid_grant');
  });

  it('of an access token ends that one alone (RFC 7009, 2.1) [RFC7009-2.1/cascade]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    await revoke(tessera, tokens.access_token).expect(200);
    await expectDead(tessera, tokens.access_token);
    await expectAlive(tessera, next.access_token);
    await rotate(tessera, next.refresh_token);
  });

  it('of the access token of a client ends it', async ({ tessera }) => {
    const client = await tessera.addClient('tokens:introspect');
    const [first, second] = [await clientToken(tessera, client), await clientToken(tessera, client)];
    await tessera.form('/revoke', { token: first }).set('Authorization', basic(client)).expect(200);
    expect(await introspect(tessera, first)).toEqual({ active: false });
    expect(await introspect(tessera, second)).toMatchObject({ active: true });
    await tessera.form('/introspect', { token: second }).set('Authorization', `Bearer ${first}`).expect(401);
  });

  it('answers 200 for tokens that are unknown, expired or revoked already (RFC 7009, 2.2) [RFC7009-2.2]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const unknown = ['x', 'trt_x', `trt_${'A'.repeat(43)}`, 'a.b.c', tokens.access_token.slice(0, -4), '\0', '𝄞'];
    for (const token of unknown) await revoke(tessera, token).expect(200);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      await revoke(tessera, token).expect(200);
      await revoke(tessera, token).expect(200);
    }
    const expired = (await signIn(tessera)).tokens;
    tessera.clock.advance(900);
    await revoke(tessera, expired.access_token).expect(200);
  });

  it('of a token of another client is invalid_grant and changes nothing (RFC 7009, 2.1) [RFC7009-2.1/client]', async ({
    tessera,
  }) => {
    const mine = await tessera.addClient('profile:read', forUsers);
    const others = await tessera.addClient('profile:read', forUsers);
    const byMine = (await signIn(tessera, { client: mine })).tokens;
    const byFirstParty = (await signIn(tessera)).tokens;
    for (const token of [byMine.access_token, byMine.refresh_token]) {
      expectOAuthError(await revoke(tessera, token), 400, 'invalid_grant');
      expectOAuthError(await revoke(tessera, token, others), 400, 'invalid_grant');
    }
    for (const token of [byFirstParty.access_token, byFirstParty.refresh_token])
      expectOAuthError(await revoke(tessera, token, mine), 400, 'invalid_grant');

    await expectAlive(tessera, byMine.access_token);
    await expectAlive(tessera, byFirstParty.access_token);
    await rotate(tessera, byMine.refresh_token, mine);
    await rotate(tessera, byFirstParty.refresh_token);
    await revoke(tessera, byMine.access_token, mine).expect(200);
    await expectDead(tessera, byMine.access_token);
  });

  it.for(['refresh_token', 'access_token', 'urn:example:unknown', ''])(
    'finds the token whatever the hint says: "%s" (RFC 7009, 2.1) [RFC7009-2.1/hint]',
    async (token_type_hint, { tessera }) => {
      const { tokens } = await signIn(tessera);
      await revoke(tessera, tokens.access_token, { token_type_hint }).expect(200);
      await expectDead(tessera, tokens.access_token);
      await revoke(tessera, tokens.refresh_token, { token_type_hint }).expect(200);
      expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    },
  );

  it('needs the parameter token, once, and ignores unknown ones (RFC 7009, 2.1) [RFC7009-2.1/parameters]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    for (const body of ['', 'token=', 'token_type_hint=access_token', 'token=a&token=b', 'token=a&x=1&x=2'])
      expectOAuthError(await tessera.request.post('/revoke').type('form').send(body), 400, 'invalid_request');
    expectOAuthError(
      await tessera.request.post(`/revoke?token=${tokens.refresh_token}`).type('form').send(''),
      400,
      'invalid_request',
    );
    await expectAlive(tessera, tokens.access_token);
    await revoke(tessera, tokens.refresh_token, { colour: 'red' }).expect(200);
    await expectDead(tessera, tokens.access_token);
  });

  it('does not listen to a registered client that gives no secret, or a wrong one [RFC7009-2.1/client] [ASVS-10.4.10]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const { tokens } = await signIn(tessera, { client });
    expectInvalidClient(await revoke(tessera, tokens.refresh_token, { client_id: client.client_id }));
    expectInvalidClient(await revoke(tessera, tokens.refresh_token, { ...client, client_secret: 'wrong' }));
    await expectAlive(tessera, tokens.access_token);
  });

  it('takes a public client at its word, and what was issued to it alone (RFC 7009, 2.1; RFC 6749, 2.1) [RFC6749-2.1]', async ({
    tessera,
  }) => {
    const { client_id } = await tessera.addClient('profile:read', { ...forUsers, authMethod: 'none' });
    const { tokens } = await signIn(tessera, { client: { client_id } });
    const others = (await signIn(tessera)).tokens;
    expectOAuthError(await revoke(tessera, others.refresh_token, { client_id }), 400, 'invalid_grant');
    await expectAlive(tessera, others.access_token);
    await revoke(tessera, tokens.access_token, { client_id }).expect(200);
    await expectDead(tessera, tokens.access_token);
    const next = await rotate(tessera, tokens.refresh_token, { client_id });
    await revoke(tessera, next.refresh_token, { client_id }).expect(200);
    await expectDead(tessera, next.access_token);
    expectOAuthError(await refresh(tessera, next.refresh_token, { client_id }), 400, 'invalid_grant');
  });

  it('of a refresh token leaves one event of the session, however often it comes', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    await Promise.all([1, 2, 3].map(() => revoke(tessera, tokens.refresh_token).expect(200)));
    const actor = { kind: 'caller', sub: id, clientId: 'first-party' };
    expect(await eventsOf(tessera, claimsOf(tokens.access_token).sid)).toMatchObject([
      { type: 'session.started', actor, address: '127.0.0.1' },
      { type: 'session.ended', actor, address: '127.0.0.1', detail: `signed out, of ${id}` },
    ]);
  });

  it('of an access token leaves one event of the token, however often it comes', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    await Promise.all([1, 2, 3].map(() => revoke(tessera, tokens.access_token).expect(200)));
    const { jti, sid } = claimsOf(tokens.access_token);
    const actor = { kind: 'caller', sub: id, clientId: 'first-party' };
    const events = await eventsOf(tessera, jti);
    expect(events).toMatchObject([{ type: 'token.revoked', actor, address: '127.0.0.1', detail: null }]);
    expect((await eventsOf(tessera, sid)).map(({ type }) => type)).toEqual(['session.started']);
    expect(JSON.stringify(events)).not.toContain(tokens.access_token.slice(-40));
  });
});
