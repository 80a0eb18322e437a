import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect } from 'vitest';
import { toRfc3339 } from '../../../src/clock.ts';
import { signingAlgorithms } from '../../../src/keys/algorithm.ts';
import { addMac } from '../../../src/keys/sealing/facts-mac.ts';
import type { ForeignKey } from '../../../src/keys/changes/foreign-key.ts';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { connectTo, rowsOf } from '../../support/database.ts';
import { byTest } from '../../support/installed-data.ts';
import { newOperator, passTime, shortLife } from '../../support/key-operator.ts';
import { expectProblem, signIn } from '../../support/oauth.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';

const hour = 3600;
const day = 24 * hour;

async function startShortLived(more: Record<string, string> = {}) {
  const tessera = await startTessera({ ...shortLife, ...more });
  const start = tessera.clock();
  return { tessera, operator: await newOperator(tessera), start, at: (seconds: number) => toRfc3339(start + seconds) };
}

/** Publishes a key of another issuer for a day. */
async function publishForeignKey({ database, clock, keys: { macs } }: Tessera, kid: string): Promise<void> {
  const now = clock();
  const { publicKey } = await generateKeyPair('ES256');
  const key = { kid, alg: 'ES256', publicJwk: await exportJWK(publicKey), revokedAt: null, factsMac: null } as const;
  const occasion = { at: now, actor: { kind: 'script', name: 'ada' }, reason: null } as const;
  const moments = { publishedAt: now, publishedUntil: now + day };
  const stored = await addMac({ ...key, ...moments }, macs);
  expect(await database.verifyOnlyKeys.insertVerifyOnlyKey(stored, occasion)).toBe(true);
}

describe('a key that was revoked long ago', () => {
  it('has left the list, is refused as before, and is revoked for good', async () => {
    const { tessera, operator, start, at } = await startShortLived();
    await publishForeignKey(tessera, 'theirs');
    await tessera.keys.keyring.refresh();
    const { kid } = await operator.keyIn('active');
    const { username } = await tessera.newUser();
    const { access_token: token } = await tessera.login(username, 'profile:read');
    const foreign = tessera.keys.keyring.verifyOnlyKeys[0]?.publicJwk;
    for (const each of [kid, 'theirs']) expect((await operator.revoke(each)).status).toBe(200);
    const revoked = async () =>
      (await operator.keys()).filter(({ state }) => state === 'revoked').map((key) => key.kid);
    // What was on record ahead of the token, or a token that another server could have signed until it knew; and clocks.
    const left = async () => 90 * day + 900 + 51 + 30 + 20 - (tessera.clock() - start);
    await passTime(tessera, 300);
    expect(await revoked()).toEqual([kid, 'theirs']);
    tessera.clock.advance((await left()) - 1);
    await tessera.keys.keyring.refresh();
    expect(await revoked()).toEqual([kid, 'theirs']);
    tessera.clock.advance(1);
    await tessera.keys.keyring.refresh();
    expect(await revoked()).toEqual([]);
    for (const table of ['signing_keys', 'verify_only_keys'])
      expect((await rowsOf(tessera.databaseUrl, table)).map((row) => row['kid'])).not.toContain(kid);
    expect(await rowsOf(tessera.databaseUrl, 'verify_only_keys')).toEqual([]);

    expectProblem(await tessera.bearer('get', '/users/me', token), 401);
    for (const each of [kid, 'theirs'])
      expect((await operator.revoke(each)).body).toMatchObject({ state: 'revoked', kid: each, revoked_at: at(0) });
    const bringIn = (key: Pick<ForeignKey, 'kid' | 'publicJwk' | 'alg'>) =>
      importVerifyOnly(tessera.keys, { ...key, privateKey: null }, day, byTest);
    const refused = { kind: 'revoked', revokedAt: start };
    expect(await bringIn({ kid: 'anew', alg: 'ES256', publicJwk: foreign ?? {} })).toEqual({ ...refused, kid: 'anew' });
    const { publicKey } = await generateKeyPair('ES256');
    const other = { alg: 'ES256', publicJwk: await exportJWK(publicKey) } as const;
    expect(await bringIn({ kid, ...other })).toEqual({ ...refused, kid });
    expect(await bringIn({ kid: 'fine', ...other })).toMatchObject({ kind: 'verify-only' });
    const { events } = await operator.events(`?subject=${kid}`);
    expect(events.map(({ type }) => type)).toEqual(['key.revoked', 'key.activated', 'key.created']);
  });
});

describe('GET /keys', () => {
  it('shows the key that signs and its standby, and says when that changes', async () => {
    const { tessera, operator, at } = await startShortLived();
    const { signer, standbys } = tessera.keys.keyring.plan;
    const reply = await operator.ask('get', '/keys');
    expect(reply.status).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    const common = {
      alg: 'RS256',
      published_at: at(0),
      ended_at: null,
      retires_at: null,
      revoked_at: null,
      unreadable: false,
      changes_at: at(day),
      changes_in: day,
    };
    expect(reply.body).toEqual({
      keys: [
        { ...common, kid: signer?.kid, state: 'active', activates_at: at(0), tokens_expire_at: null },
        { ...common, kid: standbys[0]?.kid, state: 'standby', activates_at: at(day), tokens_expire_at: null },
      ],
    });
  });

  it('says by when every token of a key will have expired, which is on record a little ahead', async () => {
    const { tessera, operator, at } = await startShortLived();
    await operator.token();
    await passTime(tessera, 30);
    const [active, standby] = await operator.keys();
    expect([active?.tokens_expire_at, standby?.tokens_expire_at]).toEqual([at(900 + 30), null]);
  });

  it('counts the seconds down as the clock moves', async () => {
    const { tessera, operator, at } = await startShortLived();
    for (const passed of [1, 29, 30, 1000, 20 * hour]) {
      tessera.clock.set(Date.parse(at(0)) / 1000 + passed);
      const keys = await operator.keys();
      expect(keys.map((key) => key.changes_at)).toEqual([at(day), at(day)]);
      expect(keys.map((key) => key.changes_in)).toEqual([day - passed, day - passed]);
    }
  });

  it('follows a key from standby to the moment it leaves, to the second', async () => {
    const { tessera, operator, at } = await startShortLived();
    const [first, second] = await operator.published();
    tessera.clock.advance(day - 2);
    await passTime(tessera, 1);
    // By now the standby has a standby of its own, known to every verifier in good time.
    expect((await operator.keys()).map(({ state }) => state)).toEqual(['active', 'standby', 'standby']);
    const lastToken = day - 1 + 900;

    await passTime(tessera, 1);
    const retiring = await operator.keyIn('retiring');
    expect(retiring).toMatchObject({ kid: first, ended_at: at(day), changes_at: retiring.retires_at });
    expect(retiring.tokens_expire_at).toBe(at(lastToken + 30));
    // By the clock of the slowest verifier, too.
    expect(retiring.retires_at).toBe(at(lastToken + 30 + 20));
    expect(await operator.keyIn('active')).toMatchObject({ kid: second, activates_at: at(day), ended_at: null });

    const left = retiring.changes_in ?? 0;
    expect(retiring.retires_at).toBe(at(day + left));
    await passTime(tessera, left - 1);
    expect(await operator.keyIn('retiring')).toMatchObject({ kid: first, changes_in: 1 });
    expect(await operator.published()).toContain(first);
    await passTime(tessera, 1);
    expect(await operator.published()).not.toContain(first);
    expect((await operator.keys()).map(({ kid }) => kid)).not.toContain(first);
  });

  it('says 0 seconds, never less, while a change that is due has not been found', async () => {
    const { tessera, operator } = await startShortLived();
    tessera.clock.advance(day - 1);
    await passTime(tessera, 70);
    const { changes_in: left } = await operator.keyIn('retiring');
    await passTime(tessera, (left ?? 0) - 1);
    // Nobody looks after the keys for a while.
    tessera.clock.advance(10);
    const retiring = await operator.keyIn('retiring');
    expect(retiring.changes_in).toBe(0);
    expect(Date.parse(retiring.changes_at ?? '')).toBeLessThan(tessera.clock() * 1000);
  });

  it('lists the keys that the JWK set holds, and says of the others why they are gone', async () => {
    const { operator } = await startShortLived();
    const { kid } = await operator.keyIn('standby');
    await operator.revoke(kid);
    const keys = await operator.keys();
    const published = keys.filter(({ state }) => !['retired', 'revoked'].includes(state));
    expect(await operator.published()).toEqual(published.map((key) => key.kid));
    expect(keys.find((key) => key.kid === kid)).toMatchObject({ state: 'revoked', changes_at: null, retires_at: null });
  });

  it('lists keys of other issuers last, until they leave', async () => {
    const { tessera, operator, at } = await startShortLived();
    await publishForeignKey(tessera, 'the-old-one:2025/1');
    tessera.clock.advance(30);
    const keys = await operator.keys();
    expect(keys.map(({ state }) => state)).toEqual(['active', 'standby', 'verify-only']);
    expect(keys.at(-1)).toEqual({
      kid: 'the-old-one:2025/1',
      state: 'verify-only',
      alg: 'ES256',
      published_at: at(0),
      activates_at: null,
      ended_at: null,
      retires_at: at(day),
      revoked_at: null,
      tokens_expire_at: null,
      changes_at: at(day),
      changes_in: day - 30,
      unreadable: false,
    });
    expect(await operator.published()).toEqual(keys.map(({ kid }) => kid));
    tessera.clock.advance(day);
    expect((await operator.keys()).map(({ state }) => state)).not.toContain('verify-only');
    expect(await operator.published()).not.toContain('the-old-one:2025/1');
  });

  it('tells that a private part is damaged, and goes on', async () => {
    const { tessera, operator } = await startShortLived();
    const { kid } = await operator.keyIn('standby');
    const database = await connectTo(tessera.databaseUrl);
    await database.all("update signing_keys set sealed_private_key = 'v1.x' where kid = ?", kid);
    await passTime(tessera, 30);
    const keys = await operator.keys();
    expect(keys.filter(({ unreadable }) => unreadable).map((key) => key.kid)).toEqual([kid]);
    expect(await operator.keyIn('standby')).toMatchObject({ unreadable: false });
  });

  it.for(signingAlgorithms)(
    'shows keys for %s, and the JWK set keeps the contract with them [RFC8725-3.2]',
    async (algorithm) => {
      const { operator } = await startShortLived({ KEY_ALGORITHM: algorithm });
      expect((await operator.keys()).map(({ alg }) => alg)).toEqual([algorithm, algorithm]);
      expect(await operator.published()).toHaveLength(2);
    },
  );
});

describe('the operations on keys and the audit trail', () => {
  const needs = [
    ['get', '/keys', 'keys:read'],
    ['post', '/keys/rotate', 'keys:manage'],
    ['post', '/keys/x/revoke', 'keys:manage'],
    ['get', '/audit-events', 'audit:read'],
  ] as const;

  it.for(needs)('%s %s needs the scope %s, and no other will do', async ([method, path, scope], { tessera }) => {
    const others = ['profile:read', 'keys:read', 'keys:manage', 'audit:read', 'tokens:introspect'];
    const operator = await newOperator(tessera, others.filter((other) => other !== scope).join(' '));
    const refused = await operator.ask(method, path);
    expectProblem(refused, 403);
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer realm="tessera", error="insufficient_scope", scope="${scope}"`,
    );
    const allowed = await newOperator(tessera, scope);
    expect([200, 404, 409]).toContain((await allowed.ask(method, path)).status);
  });

  it.for(needs)('%s %s is for administrators, and for no other user', async ([method, path, scope], { tessera }) => {
    const { tokens } = await signIn(tessera, { roles: ['admin'], scope });
    expect([200, 404, 409]).toContain((await tessera.bearer(method, path, tokens.access_token)).status);
    const other = await signIn(tessera);
    expectProblem(await tessera.bearer(method, path, other.tokens.access_token), 403);
    expectProblem(await tessera.request[method](path), 401);
  });
});
