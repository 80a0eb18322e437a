import { CompactEncrypt, importJWK } from 'jose';
import { describe, expect } from 'vitest';
import { addSigner, assertionType, newKeyPair, present, sign, tokenOf } from '../../support/clients.ts';
import { compact, decode, encode, expectRefused, publishedKey, rs256, stealSigningKey } from '../../support/forgery.ts';
import { expectAlive, expectInvalidClient, introspect, signIn } from '../../support/oauth.ts';
import { type Tessera, it, issuer } from '../../support/tessera.ts';

async function stolen(tessera: Tessera) {
  const { header, payload } = decode((await signIn(tessera)).tokens.access_token);
  return { header, payload, ...(await stealSigningKey(tessera)) };
}

describe('an access token', () => {
  it('is refused when it is encrypted, to the public key of the server as well (RFC 8725, 3.2) [RFC8725-3.2]', async ({
    tessera,
  }) => {
    const { payload, kid } = await stolen(tessera);
    const jwk = await publishedKey(tessera, kid);
    const key = await importJWK({ ...jwk, alg: 'RSA-OAEP-256' } as never);
    const plain = new TextEncoder().encode(JSON.stringify(payload));
    const jwe = await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid, typ: 'at+jwt' })
      .encrypt(key);
    await expectRefused(tessera, jwe);
  });

  it('is refused when it holds another token, even a good one (RFC 8725, 3.3) [RFC8725-3.3]', async ({ tessera }) => {
    const { header, payload, key } = await stolen(tessera);
    const inner = compact(header, payload, rs256(key));
    await expectAlive(tessera, inner);
    for (const cty of ['JWT', 'at+jwt', undefined])
      await expectRefused(tessera, compact({ ...header, cty }, inner, rs256(key)));
  });

  it('is refused when it is compressed (RFC 8725, 3.6) [RFC8725-3.6]', async ({ tessera }) => {
    const { header, payload, key } = await stolen(tessera);
    const { deflateRawSync } = await import('node:zlib');
    const packed = deflateRawSync(JSON.stringify(payload)).toString('base64url');
    const input = `${encode(JSON.stringify({ ...header, zip: 'DEF' }))}.${packed}`;
    await expectRefused(tessera, `${input}.${rs256(key)(input).toString('base64url')}`);
  });

  it('is refused when its payload is JSON in any encoding but UTF-8 (RFC 8725, 3.7) [RFC8725-3.7]', async ({
    tessera,
  }) => {
    const { header, payload, key } = await stolen(tessera);
    const text = JSON.stringify({ ...payload, name: 'Zoë' });
    for (const bytes of [
      Buffer.from(text, 'latin1'),
      Buffer.from(text, 'utf16le'),
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
    ]) {
      const input = `${encode(JSON.stringify(header))}.${bytes.toString('base64url')}`;
      await expectRefused(tessera, `${input}.${rs256(key)(input).toString('base64url')}`);
    }
  });
});

describe('tokens of different kinds (RFC 8725, 3.11 and 3.12)', () => {
  it('are told apart: a client assertion is no access token, whatever it claims [RFC8725-3.12] [ASVS-9.2.2]', async ({
    tessera,
  }) => {
    const pair = newKeyPair('RS256');
    const id = await addSigner(tessera, pair);
    const claims = { client_id: id, scope: 'profile:read orders:read', aud: issuer };
    for (const typ of ['JWT', 'client-authentication+jwt', 'at+jwt', undefined])
      await expectRefused(tessera, await sign(tessera, id, pair, { header: { typ }, claims }));
  });

  it('are told apart: an access token authenticates no client, even the one that it was issued to [RFC8725-3.12]', async ({
    tessera,
  }) => {
    const pair = newKeyPair('RS256');
    const id = await addSigner(tessera, pair);
    const good = { client_assertion_type: assertionType, client_assertion: await sign(tessera, id, pair) };
    const token = await tokenOf(tessera, good);
    expect(decode(token).payload).toMatchObject({ sub: id, aud: issuer });
    expectInvalidClient(await present(tessera, token));
    expectInvalidClient(await present(tessera, token, { client_id: id }));
  });

  it('are told apart: no JWT is a refresh token, and no refresh token a JWT', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const form = { grant_type: 'refresh_token', refresh_token: tokens.access_token };
    expect((await tessera.form('/token', form)).body).toMatchObject({ error: 'invalid_grant' });
    await tessera.bearer('get', '/users/me', tokens.refresh_token).expect(401);
    expect(await introspect(tessera, tokens.refresh_token)).not.toHaveProperty('token_type');
  });
});
