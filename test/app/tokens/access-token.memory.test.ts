import { describe, expect } from 'vitest';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { decode, expectRefused, stealSigningKey, compact, rs256 } from '../../support/forgery.ts';
import { expectAlive, refresh, rotate, signIn } from '../../support/oauth.ts';
import { occasion } from '../../support/records.ts';
import { it, startTessera } from '../../support/tessera.ts';
import { password } from '../../support/tessera.ts';

// The server remembers which signatures it has checked. None of what may end a token must be forgotten for that.

describe('a token that has just been found good', () => {
  it('is refused from exp on', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);
    tessera.clock.advance(899);
    await expectAlive(tessera, tokens.access_token);
    tessera.clock.advance(1);
    await expectRefused(tessera, tokens.access_token, 'The access token has expired.');
    tessera.clock.advance(1);
    await expectRefused(tessera, tokens.access_token, 'The access token has expired.');
  });

  it('is refused once it has been revoked', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);
    await tessera.form('/revoke', { token: tokens.access_token }).expect(200);
    await expectRefused(tessera, tokens.access_token);
  });

  it('is refused once its session has ended, by revocation or by reuse [ASVS-7.2.1]', async ({ tessera }) => {
    const [revoked, reused] = [(await signIn(tessera)).tokens, (await signIn(tessera)).tokens];
    await rotate(tessera, (await rotate(tessera, reused.refresh_token)).refresh_token);
    for (const { access_token } of [revoked, reused]) await expectAlive(tessera, access_token);
    await tessera.form('/revoke', { token: revoked.refresh_token }).expect(200);
    await refresh(tessera, reused.refresh_token).expect(400);
    for (const { access_token } of [revoked, reused]) await expectRefused(tessera, access_token);
  });

  it('is refused once its user has been disabled, and stays so', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);
    for (const disabled of [true, false]) {
      await tessera.database.users.administerUser(id, { disabled }, occasion(tessera.clock()));
      await expectRefused(tessera, tokens.access_token);
    }
  });

  it('is refused once its session has come to its end [ASVS-7.3.2]', async () => {
    const tessera = await startTessera({ SESSION_LIFETIME: '10m' });
    const { username, tokens } = await signIn(tessera);
    expect(tokens.expires_in).toBe(600);
    await expectAlive(tessera, tokens.access_token);
    // Whatever the token itself says: here one of the same key that says another quarter of an hour.
    const { header, payload } = decode(tokens.access_token);
    const { key } = await stealSigningKey(tessera);
    const longer = compact(header, { ...payload, exp: tessera.clock() + 900 }, rs256(key));
    await expectAlive(tessera, longer);
    tessera.clock.advance(600);
    await expectRefused(tessera, longer);
    await expectAlive(tessera, (await tessera.login(username)).access_token);
  });

  it('is refused once its user is gone, even if the name is taken again [ASVS-10.3.3]', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);
    await tessera.bearer('delete', '/users/me', tokens.access_token).expect(204);
    await tessera.request.post('/users').send({ username, password }).expect(201);
    await expectRefused(tessera, tokens.access_token);
  });

  it('is refused once another session has changed the password', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    await expectAlive(tessera, tokens.access_token);
    await tessera
      .bearer('put', '/users/me/password', other.access_token)
      .send({ current_password: password, new_password: 'tin whistle under the stairs' })
      .expect(200);
    await expectRefused(tessera, tokens.access_token);
  });

  it('lends nothing to another token that shares its header and payload, or its signature', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);
    const [header = '', payload = '', signature = ''] = tokens.access_token.split('.');
    await expectRefused(tessera, `${header}.${payload}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`);
    await expectRefused(tessera, `${header}.${payload.replace(/^./, (c) => (c === 'e' ? 'f' : 'e'))}x.${signature}`);
    await expectAlive(tessera, tokens.access_token);
  });
});

const cause = { actor: { kind: 'script', name: 'operator' }, reason: null } as const;

describe('a token whose key is revoked', () => {
  it('is refused at once, remembered or not, and the next token works', async () => {
    const tessera = await startTessera();
    const { username, tokens } = await signIn(tessera);
    const unseen = (await tessera.login(username)).access_token;
    const { kid, key } = await stealSigningKey(tessera);
    await expectAlive(tessera, tokens.access_token);

    const outcome = await revokeKey(tessera.keys, kid, cause);

    expect(outcome).toMatchObject({ kind: 'revoked', kid });
    await expectRefused(tessera, tokens.access_token);
    await expectRefused(tessera, unseen);
    const next = await rotate(tessera, tokens.refresh_token);
    expect(decode(next.access_token).header['kid']).not.toBe(kid);
    await expectAlive(tessera, next.access_token);
    // Whoever stole the revoked key signs in vain.
    const { header, payload } = decode(next.access_token);
    await expectRefused(tessera, compact({ ...header, kid }, payload, rs256(key)));
  });

  it('is refused within seconds when another process revoked the key', async () => {
    const tessera = await startTessera({ REPLICA_REFRESH: '4s' });
    const { tokens } = await signIn(tessera);
    const { kid } = await tessera.keys.keyring.signer();
    await expectAlive(tessera, tokens.access_token);
    const promote = tessera.keys.keyring.plan.standbys[0]?.kid ?? null;
    await tessera.keys.store.revokeKey(kid, { promote, spare: null }, { ...cause, at: tessera.clock() });

    tessera.clock.advance(2);
    await tessera.keys.keyring.tick();

    await expectRefused(tessera, tokens.access_token);
  });

  it('is refused after a stall, though no tick has told of the revocation', async () => {
    const tessera = await startTessera({ REPLICA_REFRESH: '4s' });
    const { tokens } = await signIn(tessera);
    const { kid } = await tessera.keys.keyring.signer();
    await expectAlive(tessera, tokens.access_token);
    const promote = tessera.keys.keyring.plan.standbys[0]?.kid ?? null;
    await tessera.keys.store.revokeKey(kid, { promote, spare: null }, { ...cause, at: tessera.clock() });

    tessera.clock.advance(4);

    await expectRefused(tessera, tokens.access_token);
  });

  it('stays good when its key merely stops signing, for as long as it lives', async () => {
    const tessera = await startTessera();
    const { tokens } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);
    expect(await rotateKeys(tessera.keys, { force: true, cause })).toMatchObject({ kind: 'rotated' });
    tessera.clock.advance(899);
    await expectAlive(tessera, tokens.access_token);
  });
});
