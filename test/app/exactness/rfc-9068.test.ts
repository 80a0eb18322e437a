import { describe, expect } from 'vitest';
import { basic, signIn } from '../../support/oauth.ts';
import { decode } from '../../support/forgery.ts';
import { it, issuer, password } from '../../support/tessera.ts';

describe('an access token', () => {
  it('has nothing in it by which a person is known, nor a secret (RFC 9068, 6) [RFC9068-6]', async ({ tessera }) => {
    const registration = { username: 'grace', password, name: 'Grace Hopper' };
    await tessera.request.post('/users').send(registration).expect(201);
    const { access_token: token, refresh_token } = await tessera.login('grace');
    const { header, payload } = decode(token);
    const text = JSON.stringify([header, payload]);
    for (const secret of ['grace', 'Hopper', password, refresh_token, '127.0.0.1']) expect(text).not.toContain(secret);
  });

  it('is for the resource that was asked for, and for that alone (RFC 9068, 3; RFC 8707, 2) [RFC9068-3]', async ({
    tessera,
  }) => {
    const audiences = ['https://orders.example', 'https://bills.example'];
    const client = await tessera.addClient('orders:read', { audiences });
    for (const resource of audiences) {
      const form = { grant_type: 'client_credentials', resource };
      const reply = await tessera.form('/token', form).set('Authorization', basic(client)).expect(200);
      const { access_token: token } = reply.body as { access_token: string };
      expect(decode(token).payload).toMatchObject({ iss: issuer, aud: resource });
      await tessera.bearer('get', '/users/me', token).expect(401);
    }
  });

  it('names the same user for ever, whatever the user is called (RFC 9068, 2.2 and 5) [RFC9068-5] [ASVS-10.3.3]', async ({
    tessera,
  }) => {
    const { id, username, tokens } = await signIn(tessera);
    await tessera
      .bearer('patch', '/users/me', tokens.access_token)
      .send({ username: `${username}-2` })
      .expect(200);
    const again = await tessera.login(`${username}-2`);
    const sub = (token: string) => decode(token).payload['sub'];
    expect([sub(tokens.access_token), sub(again.access_token)]).toEqual([id, id]);
    await tessera.request.post('/users').send({ username, password }).expect(201);
    expect(sub((await tessera.login(username)).access_token)).not.toBe(id);
  });
});
