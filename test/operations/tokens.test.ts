import { describe, expect, it } from 'vitest';
import { startTessera } from '../support/tessera.ts';

describe('POST /token, password grant', () => {
  it('answers the familiar form with an access token, a refresh token and the scope', async () => {
    const tessera = await startTessera();
    await tessera.addUser('ada');
    const tokens = await tessera.login('Ada');
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'profile:read profile:write' });
    await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);
  });
});
