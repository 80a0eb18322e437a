import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { connectTo } from '../../support/database.ts';
import { compact, decode, expectRefused, rs256 } from '../../support/forgery.ts';
import { byTest } from '../../support/installed-data.ts';
import { newOperator, shortLife } from '../../support/key-operator.ts';
import { openKeyReplica } from '../../support/keys/key-replicas.ts';
import { keyEncryptionKey, type Tessera, startTessera } from '../../support/tessera.ts';

/** Somebody who can write to the database, and has no key-encryption key. */
async function breakIn() {
  const tessera = await startTessera(shortLife);
  const database = await connectTo(tessera.databaseUrl);
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const [signer, standby] = (await database.all('select kid from signing_keys order by place')).map(({ kid }) =>
    String(kid),
  );
  await tessera.newUser();
  const { username } = await tessera.newUser();
  const good = (await tessera.login(username, 'profile:read')).access_token;
  const { header, payload } = decode(good);
  return {
    tessera,
    database,
    signer: signer ?? '',
    standby: standby ?? '',
    good,
    publicJwk,
    /** A token like one of the server, signed by the attacker. */
    forge: (kid: string) => compact({ ...header, kid }, payload, rs256(KeyObject.from(privateKey))),
  };
}

async function publishedBy({ request }: Tessera): Promise<{ kid: string; n: string }[]> {
  return ((await request.get('/.well-known/jwks.json').expect(200)).body as { keys: { kid: string; n: string }[] })
    .keys;
}

/** What the log says of each key that was rejected. */
function rejectedIn({ log }: Tessera): string[] {
  const lines = log.map((line) => JSON.parse(line) as { msg: string; kid: string; level: number | string });
  return lines.filter(({ msg }) => msg === 'key-rejected').map(({ kid }) => kid);
}

describe('whoever can write to the database', () => {
  it("has no key believed by writing it over the server's own [HOSTILE/key-row]", async () => {
    const { tessera, database, signer, standby, publicJwk, forge, good } = await breakIn();
    expect((await tessera.bearer('get', '/users/me', good)).status).toBe(200);
    const update = 'update signing_keys set public_jwk = ? where kid = ?';
    await database.all(update, JSON.stringify({ ...publicJwk, kid: signer, alg: 'RS256', use: 'sig' }), signer);
    await tessera.keys.keyring.refresh();
    await expectRefused(tessera, forge(signer));
    const published = await publishedBy(tessera);
    expect(published.map(({ kid }) => kid)).toEqual([standby, expect.any(String)]);
    expect(published.map(({ n }) => n)).not.toContain(publicJwk.n);
    expect(rejectedIn(tessera)).toEqual([signer]);
    expect(tessera.keys.keyring.leftOut).toEqual({ rejected: 1, waiting: 0 });
    // The server goes on, with the standby.
    const { username } = await tessera.newUser();
    const { access_token: token } = await tessera.login(username, 'profile:read');
    expect(decode(token).header['kid']).toBe(standby);
    expect((await tessera.bearer('get', '/users/me', token)).status).toBe(200);
    await tessera.request.get('/readyz').expect(200);
  });

  it('has no key of its own believed, whatever it says of it [HOSTILE/key-row]', async () => {
    const { tessera, database, standby, publicJwk, forge } = await breakIn();
    const kid = await calculateJwkThumbprint(publicJwk);
    const now = tessera.clock();
    const [row] = await database.all('select facts_mac from signing_keys where kid = ?', standby);
    for (const mac of [null, row?.['facts_mac'] ?? '', 'v1']) {
      await database.all('delete from signing_keys where kid = ?', kid);
      await database.all(
        `insert into signing_keys (kid, succeeds, alg, published_at, activates_at, took_over_at, public_jwk, destroyed_at, tokens_expire_at, facts_mac)
         values (?, ?, 'RS256', ?, ?, ?, ?, ?, ?, ?)`,
        ...[kid, standby, now - 9, now - 9, now - 9, JSON.stringify(publicJwk), now, now + 9_000, mac],
      );
      await tessera.keys.keyring.refresh();
      await expectRefused(tessera, forge(kid));
      expect((await publishedBy(tessera)).map((key) => key.kid)).not.toContain(kid);
      expect(rejectedIn(tessera)).toContain(kid);
    }
  });

  it('has nothing published as the key of another issuer', async () => {
    const { tessera, database, publicJwk } = await breakIn();
    await database.all(
      `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until) values ('theirs', 'RS256', ?, 0, 9000000000)`,
      JSON.stringify(publicJwk),
    );
    await tessera.keys.keyring.refresh();
    expect((await publishedBy(tessera)).map(({ kid }) => kid)).not.toContain('theirs');
    expect(rejectedIn(tessera)).toEqual(['theirs']);
  });

  it.each(['null', '{', '"x"', '[]', '{"kty":"RSA","n":{},"e":"AQAB"}'])(
    'keeps no other key from being read by a row that is none: %s',
    async (text) => {
      const { tessera, database, signer, standby } = await breakIn();
      await database.all('update signing_keys set public_jwk = ? where kid = ?', text, standby);
      await tessera.keys.keyring.refresh();
      const published = (await publishedBy(tessera)).map(({ kid }) => kid);
      expect(published).toEqual([signer, expect.any(String)]);
      expect(published).not.toContain(standby);
      expect(rejectedIn(tessera)).toEqual([standby]);
    },
  );

  it.each([
    { key_ops: ['sign'] },
    { key_ops: 5 },
    { ext: 'no' },
    { d: 'AAAA' },
    { use: 'enc', alg: 'ES512' },
    { alg: null, oth: [{}] },
    { crv: {} },
  ])('keeps no key from being read by a member that is not its own: %j', async (members) => {
    const { tessera, database, signer, standby, good } = await breakIn();
    const before = await publishedBy(tessera);
    for (const kid of [signer, standby]) {
      const [row] = await database.all('select public_jwk from signing_keys where kid = ?', kid);
      const publicJwk = { ...(JSON.parse(String(row?.['public_jwk'])) as object), ...members };
      await database.all('update signing_keys set public_jwk = ? where kid = ?', JSON.stringify(publicJwk), kid);
    }
    await tessera.keys.keyring.refresh();
    expect(await publishedBy(tessera)).toEqual(before);
    expect((await tessera.bearer('get', '/users/me', good)).status).toBe(200);
    const environment = { KEY_ENCRYPTION_KEY: keyEncryptionKey, KEY_ALGORITHM: 'RS256' };
    const another = await openKeyReplica(tessera.databaseUrl, tessera.clock, environment);
    expect(another.keyring.jwks.body.keys).toEqual(before);
    expect(await revokeKey(tessera.keys, signer, byTest)).toMatchObject({ kind: 'revoked' });
    expect((await publishedBy(tessera)).map(({ kid }) => kid)).not.toContain(signer);
  });

  const added = 'insert into signing_keys (kid, succeeds, alg, published_at, activates_at, public_jwk) values';
  it.each([
    ['a row that succeeds itself', () => [`${added} ('a', 'a', 'RS256', 0, 0, '{}')`]],
    [
      'two that succeed each other',
      () => [`${added} ('a', 'b', 'RS256', 0, 0, '{}'), ('b', 'a', 'RS256', 0, 0, '{}')`],
    ],
    ['one whose kid is empty', () => [`${added} ('', 'a', 'RS256', 0, 0, '{}'), ('a', 'b', 'RS256', 0, 0, '{}')`]],
    ['one of ours', (last: string) => [`update signing_keys set succeeds = '${last}' where succeeds = ''`]],
    [
      'all that could be had',
      (last: string) => [
        `update signing_keys set succeeds = '${last}' where succeeds = ''`,
        `${added} ('', '', 'RS256', 0, 0, '{}')`,
      ],
    ],
  ])('keeps no key from being made by taking its place: %s', async (_, statements) => {
    const { tessera, database, standby } = await breakIn();
    for (const statement of statements(standby)) await database.all(statement);
    for (let count = 0; count < 3; count += 1) {
      await tessera.keys.keyring.refresh();
      const { signer, standbys } = tessera.keys.keyring.plan;
      expect(standbys).toHaveLength(1);
      expect(rejectedIn(tessera)).not.toContain(standbys[0]?.kid);
      const cause = { actor: { kind: 'schedule' }, reason: null } as const;
      expect(await rotateKeys(tessera.keys, { force: true, cause })).toMatchObject({
        kind: 'rotated',
        previous: signer?.kid,
        kid: standbys[0]?.kid,
      });
    }
    const { username } = await tessera.newUser();
    const { access_token: token } = await tessera.login(username, 'profile:read');
    expect((await tessera.bearer('get', '/users/me', token)).status).toBe(200);
  });

  it.each([
    ['the first put last', (first: string) => `update signing_keys set place = 1000000 where kid = '${first}'`],
    ['the last put first', (_: string, last: string) => `update signing_keys set place = -1 where kid = '${last}'`],
  ])('has no key stand elsewhere in the line by its number: %s', async (_, statement) => {
    const { tessera, database, signer, standby } = await breakIn();
    const { keyring } = tessera.keys;
    const before = await publishedBy(tessera);
    await database.all(statement(signer, standby));
    await keyring.refresh();
    expect(await publishedBy(tessera)).toEqual(before);
    for (let count = 0; count < 3; count += 1) {
      const [next] = keyring.plan.standbys;
      const cause = { actor: { kind: 'schedule' }, reason: null } as const;
      expect(await rotateKeys(tessera.keys, { force: true, cause })).toMatchObject({ kind: 'rotated', kid: next?.kid });
      expect(keyring.plan.standbys).toHaveLength(1);
      expect(await database.all('select kid from signing_keys')).toHaveLength(3 + count);
    }
  });

  it('empties the set by no means: where every row was changed, a new key signs', async () => {
    const { tessera, database, signer, standby, good } = await breakIn();
    await database.all('update signing_keys set facts_mac = null');
    await tessera.keys.keyring.refresh();
    const published = (await publishedBy(tessera)).map(({ kid }) => kid);
    expect(published).toHaveLength(2);
    for (const kid of [signer, standby]) expect(published).not.toContain(kid);
    await expectRefused(tessera, good);
    expect(new Set(rejectedIn(tessera))).toEqual(new Set([signer, standby]));
    const { username } = await tessera.newUser();
    const { access_token: token } = await tessera.login(username, 'profile:read');
    expect((await tessera.bearer('get', '/users/me', token)).status).toBe(200);
  });
});

describe('an operator', () => {
  it('is done with a row that no server wrote when it is revoked', async () => {
    const { tessera, database, standby } = await breakIn();
    const operator = await newOperator(tessera);
    await database.all('update signing_keys set published_at = 1 where kid = ?', standby);
    await tessera.keys.keyring.refresh();
    expect((await operator.keys()).map(({ kid }) => kid)).not.toContain(standby);
    expect((await operator.revoke(standby)).status).toBe(200);
    const [row] = await database.all('select revoked_at, sealed_private_key from signing_keys where kid = ?', standby);
    expect(row).toEqual({ revoked_at: tessera.clock(), sealed_private_key: null });
  });

  it('puts a row back as it was, and it is a key again', async () => {
    const { tessera, database, signer, good } = await breakIn();
    const [row] = await database.all('select published_at from signing_keys where kid = ?', signer);
    await database.all('update signing_keys set published_at = 1 where kid = ?', signer);
    await tessera.keys.keyring.refresh();
    await expectRefused(tessera, good);
    await database.all('update signing_keys set published_at = ? where kid = ?', row?.['published_at'], signer);
    await tessera.keys.keyring.refresh();
    expect((await tessera.bearer('get', '/users/me', good)).status).toBe(200);
  });
});
