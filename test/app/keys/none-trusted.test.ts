import { describe, expect, it } from 'vitest';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { byTest } from '../../support/installed-data.ts';
import { shortLife } from '../../support/key-operator.ts';
import { openKeyReplica } from '../../support/keys/key-replicas.ts';
import { keyEncryptionKey, password, startTessera, type Tessera } from '../../support/tessera.ts';

const next = Buffer.alloc(32, 2).toString('base64');

/** A server that has the old key-encryption key alone, and another that has the new one, too. */
async function startBoth() {
  const behind = await startTessera(shortLife);
  const ahead = await openKeyReplica(behind.databaseUrl, behind.clock, {
    KEY_ENCRYPTION_KEY: next,
    KEY_ENCRYPTION_KEY_PREVIOUS: keyEncryptionKey,
    KEY_ALGORITHM: 'RS256',
  });
  const { username } = await behind.newUser();
  const kids = behind.keys.keyring.plan.published.map(({ kid }) => kid);
  return { behind, ahead, username, kids };
}

const login = (username: string) => ({ grant_type: 'password', username, password });
const kidsOf = async ({ request }: Tessera) =>
  ((await request.get('/.well-known/jwks.json').expect(200)).body as { keys: { kid: string }[] }).keys.map(
    ({ kid }) => kid,
  );

describe('a server that trusts none of the keys that are left', () => {
  it('honours every revocation at once: it publishes no revoked key, and takes no token of one [HOSTILE/key-row]', async () => {
    const { behind, ahead, username, kids } = await startBoth();
    const { access_token: token } = await behind.login(username, 'profile:read');
    expect(kids).toHaveLength(2);
    // It hears of both at once, and of spares under a key-encryption key that it does not have.
    for (const kid of kids) expect(await revokeKey(ahead, kid, byTest)).toMatchObject({ kind: 'revoked', isNew: true });
    await behind.keys.keyring.lookAgain();

    expect((await behind.bearer('get', '/users/me', token)).status).toBe(401);
    for (let count = 0; count < 2; count += 1) {
      expect((await behind.request.get('/.well-known/jwks.json')).status).toBe(503);
      expect((await behind.request.get('/readyz')).status).toBe(503);
      expect((await behind.form('/token', login(username))).status).toBe(503);
      expect((await behind.bearer('get', '/users/me', token)).status).toBe(401);
      await behind.keys.keyring.refresh().catch(() => undefined);
    }
    expect(behind.keys.keyring.leftOut).toMatchObject({ waiting: 2, rejected: 0 });
    const lines = (event: string) => behind.log.filter((line) => line.includes(`"${event}"`));
    expect(lines('key-waiting')).toHaveLength(2);
    expect(lines('signer-changed').length).toBeLessThanOrEqual(2);
  });

  it('drops the one that is revoked, and goes on with the other', async () => {
    const { behind, username, kids } = await startBoth();
    const { access_token: token } = await behind.login(username, 'profile:read');
    const [signer = '', standby = ''] = kids;
    const { database } = behind;
    // The other is changed to what no server wrote, and there is nothing else.
    const { keys } = database;
    expect(await keys.revokeKey(signer, { promote: null, spare: null }, { at: behind.clock(), ...byTest })).toBe(true);
    const list = keys.listKeys.bind(keys);
    keys.listKeys = async () => (await list()).map((key) => ({ ...key, publishedAt: 1 }));
    await behind.keys.keyring.lookAgain();
    expect(await kidsOf(behind)).toEqual([standby]);
    expect((await behind.bearer('get', '/users/me', token)).status).toBe(401);
  });

  it('tells of a key-encryption key that is missing as of something that is away for now', async () => {
    const { behind, ahead, username, kids } = await startBoth();
    for (const kid of kids) await revokeKey(ahead, kid, byTest);
    // It has not looked: that the signer is revoked, it finds when it puts the first token on record.
    const reply = await behind.form('/token', login(username));
    expect(reply.status).toBe(503);
    expect(reply.body).toMatchObject({ error: 'temporarily_unavailable' });
  });
});
