import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import type { KeyOffice } from '../../../src/keys/changes/key-office.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { lookAtKeys } from '../../../src/server/look-at-keys.ts';
import type { Connection } from '../../support/database.ts';
import { byTest } from '../../support/installed-data.ts';
import { expectProblem } from '../../support/oauth.ts';
import { rejectedIn, startWithKeyRows as start } from '../../support/keys/key-rows.ts';
import { isPostgres } from '../../support/place.ts';
import { keyEncryptionKey, type Tessera } from '../../support/tessera.ts';

/** Under a key-encryption key that nobody has. */
const forged = `v1.${'f'.repeat(16)}.${'A'.repeat(43)}`;
const insert =
  'insert into signing_keys (kid, succeeds, alg, published_at, activates_at, public_jwk, facts_mac) values (?, ?, ?, ?, ?, ?, ?)';

async function newKey() {
  const jwk = await exportJWK((await generateKeyPair('RS256')).publicKey);
  return { kid: await calculateJwkThumbprint(jwk), jwk: JSON.stringify(jwk) };
}

function look({ database, clock, databaseUrl }: Tessera) {
  const config = readConfig({ DATABASE_URL: databaseUrl, KEY_ENCRYPTION_KEY: keyEncryptionKey });
  return lookAtKeys(config, database, clock);
}

describe('a row that waits for a key-encryption key that nobody has', () => {
  it('has no place among the keys for whoever looks at them, and is gone when it was revoked and is forgotten', async () => {
    const { tessera, database, operator, signer, standby, refresh } = await start();
    const { kid, jwk } = await newKey();
    const now = tessera.clock();
    await database.all(insert, ...[kid, standby, 'RS256', now, now, jwk, forged]);
    await refresh();
    expect((await operator.keys()).map((key) => key.kid)).toEqual([signer, standby]);
    const seen = await look(tessera);
    expect(seen.keys.map((key) => key.kid)).toEqual([signer, standby]);
    expect(seen.waiting).toMatchObject([
      { of: 'signing', kid, reason: expect.stringContaining('f'.repeat(16)) as string },
    ]);
    expect(seen).toMatchObject({ isJudged: true, fault: null, rejected: [] });

    expect((await operator.revoke(kid)).body).toMatchObject({ state: 'revoked', kid, signer });
    const after = await look(tessera);
    expect({ keys: after.keys.map((key) => key.kid), waiting: after.waiting }).toEqual({
      keys: [signer, standby],
      waiting: [],
    });
    tessera.clock.advance(tessera.keys.policy.keepRevoked + 86_400);
    await refresh();
    expect(await database.all('select kid from signing_keys where kid = ?', kid)).toEqual([]);
    expect((await operator.revoke(kid)).body).toMatchObject({ state: 'revoked', kid });
  });
});

describe('a row of the other table, under the kid of the signer,', () => {
  async function plant() {
    const started = await start();
    const { database, tessera, signer } = started;
    const theirs =
      'insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until) values (?, ?, ?, ?, ?)';
    await database.all(theirs, signer, 'RS256', '{}', tessera.clock(), tessera.clock() + 9_999);
    await started.refresh();
    const revoked = async () =>
      Promise.all(
        ['signing_keys', 'verify_only_keys'].map(async (table) => {
          const [row] = await database.all(`select revoked_at from ${table} where kid = ?`, signer);
          return row?.['revoked_at'] !== null;
        }),
      );
    const detailsOf = async () => {
      const ofKey = "select detail from audit_events where type = 'key.revoked' and subject = ? order by seq";
      return (await database.all(ofKey, signer)).map(({ detail }) => detail);
    };
    return { ...started, revoked, detailsOf };
  }

  it('is named with its table, and revoked alone where that is asked for: the signer signs [HOSTILE/key-row]', async () => {
    const { tessera, operator, signer, revoked, detailsOf } = await plant();
    expect((await look(tessera)).rejected).toMatchObject([{ of: 'verify-only', kid: signer }]);
    const revokeOther = () => revokeKey(tessera.keys, signer, byTest, 'verify-only');
    const left = { kind: 'revoked', kid: signer, left: ['signing'], signer };
    expect(await revokeOther()).toMatchObject({ ...left, isNew: true, rows: ['verify-only'] });
    expect(await revoked()).toEqual([false, true]);
    expect(await operator.published()).toContain(signer);
    expect(await revokeOther()).toMatchObject({ ...left, isNew: false, rows: [] });
    expect(await detailsOf()).toEqual(['in verify_only_keys']);
  });

  it('keeps no key from being revoked, which goes first [HOSTILE/key-row]', async () => {
    const { tessera, operator, signer, standby, revoked, detailsOf } = await plant();
    const outcome = await revokeKey(tessera.keys, signer, byTest);
    expect(outcome).toMatchObject({ isNew: true, rows: ['signing', 'verify-only'], left: [], signer: standby });
    expect(await revoked()).toEqual([true, true]);
    expect(await operator.published()).not.toContain(signer);
    expect(await revokeKey(tessera.keys, signer, byTest)).toMatchObject({ isNew: false, rows: [], left: [] });
    expect(await detailsOf()).toEqual(['in signing_keys', 'in verify_only_keys']);
  });

  it('keeps no key from being revoked through a server', async () => {
    const { operator, signer, standby, revoked } = await plant();
    expect((await operator.revoke(signer)).body).toMatchObject({ state: 'revoked', kid: signer, signer: standby });
    expect(await revoked()).toEqual([true, true]);
    expect(await operator.published()).not.toContain(signer);
  });

  it('keeps nobody waiting who revokes, where its own revocation is undone again and again [HOSTILE/key-row]', async () => {
    const { tessera, database, signer, standby, revoked } = await plant();
    const { verifyOnly } = tessera.keys;
    const undone: KeyOffice['verifyOnly'] = {
      ...verifyOnly,
      async revokeVerifyOnlyKey(...args) {
        const isDone = await verifyOnly.revokeVerifyOnlyKey(...args);
        await database.all('update verify_only_keys set revoked_at = null where kid = ?', signer);
        return isDone;
      },
    };
    const outcome = await revokeKey({ ...tessera.keys, verifyOnly: undone }, signer, byTest);
    expect(outcome).toEqual({ kind: 'undone', kid: signer, rows: ['signing'], undone: ['verify-only'], left: [] });
    expect(await revoked()).toEqual([true, false]);
    expect(tessera.keys.keyring.plan.signer?.kid).toBe(standby);
  });
});

/** Has `change` follow every `event` on a row of the signing keys for which `condition` holds. */
async function follow(database: Connection, event: string, condition: string, change: string): Promise<void> {
  const when = `after ${event} on signing_keys for each row when (${condition})`;
  const name = `interfering_${event.split(' ')[0] ?? ''}`;
  const body = `begin ${change} where kid = new.kid;`;
  if (isPostgres)
    await database.all(`create function ${name}() returns trigger language plpgsql as $$ ${body} return null; end $$`);
  await database.all(`create trigger ${name} ${when} ${isPostgres ? `execute function ${name}()` : `${body} end`}`);
}

describe('a revocation after which somebody', () => {
  it.each([
    ['takes it back at once', 'update signing_keys set revoked_at = null'],
    ['takes the row away at once, to put it back later', 'delete from signing_keys'],
  ])('%s is answered 409, and not as if the key were revoked [HOSTILE/key-row]', async (_, change) => {
    const { database, operator, signer } = await start();
    await follow(database, 'update of revoked_at', 'new.revoked_at is not null', change);
    const reply = await operator.revoke(signer);
    expectProblem(reply, 409);
    expect((reply.body as { detail: string }).detail).toContain('was gone or no longer revoked when read again');
  });
});

describe('a rotation after which somebody', () => {
  it.each([
    ['puts the key off again', 'activates_at = old.activates_at, took_over_at = null'],
    ['takes its MAC away', 'facts_mac = null'],
    ['revokes it', 'revoked_at = new.activates_at, sealed_private_key = null'],
    ['spoils its private part', `sealed_private_key = 'v1.damaged'`],
    ['takes its private part away', 'sealed_private_key = null'],
  ])('%s at once is answered 409, and not as if the key signed [HOSTILE/key-row]', async (_, change) => {
    const { database, operator } = await start();
    await follow(
      database,
      'update of activates_at',
      'new.activates_at < old.activates_at',
      `update signing_keys set ${change}`,
    );
    const reply = await operator.rotate({ force: true });
    expectProblem(reply, 409);
    expect(reply.body).toMatchObject({ conflict: 'changed' });
  });

  it('puts the key off again at once, and says that a later one has taken over, is answered 409, too [HOSTILE/key-row]', async () => {
    const { database, operator } = await start();
    const putOff = 'update signing_keys set activates_at = new.activates_at + 60, took_over_at = null';
    await follow(database, 'update of activates_at', 'new.activates_at < old.activates_at', putOff);
    await follow(database, 'insert', 'new.took_over_at is null', 'update signing_keys set took_over_at = 1');
    const reply = await operator.rotate({ force: true });
    expectProblem(reply, 409);
    expect(reply.body).toMatchObject({ conflict: 'changed' });
  });
});

describe('a rotation after which somebody makes of the new standby', () => {
  const elsewhere = `v1.${'0'.repeat(16)}.${'A'.repeat(16)}.${'A'.repeat(40)}`;
  it.each([
    [
      'a signer that nobody can open',
      `update signing_keys set activates_at = published_at, took_over_at = published_at, sealed_private_key = '${elsewhere}'`,
    ],
    [
      'a reason to trust none',
      `update signing_keys set facts_mac = 'x' where facts_mac <> 'x'; update signing_keys set facts_mac = 'x'`,
    ],
  ])('%s is answered 409, and not as if the key signed [HOSTILE/key-row]', async (_, change) => {
    const { database, operator } = await start();
    await follow(database, 'insert', 'new.took_over_at is null', change);
    const reply = await operator.rotate({ force: true });
    expectProblem(reply, 409);
    expect(reply.body).toMatchObject({ conflict: 'changed' });
  });
});

describe('very many rows that no server wrote', () => {
  it('are left out unseen, in a few lines of the log [HOSTILE/key-row]', async () => {
    const { tessera, database, operator, signer, refresh } = await start();
    const noKey = JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'AQAB', y: 'AQAB' });
    const count = 5_000;
    const numbers = isPostgres
      ? `select n from generate_series(1, ${count}) as numbers(n)`
      : `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count}) select n from numbers`;
    const columns = 'kid, succeeds, alg, published_at, activates_at, public_jwk';
    await database.all(
      `insert into signing_keys (${columns}) select 'k' || n, 's' || n, 'ES256', 0, 0, ? from (${numbers}) as each`,
      noKey,
    );
    await refresh();
    expect(rejectedIn(tessera)).toHaveLength(20);
    expect(tessera.log.filter((line) => line.includes('key-rejected')).at(-1)).toContain(`"more":${count - 20}`);
    expect(tessera.keys.keyring.leftOut).toEqual({ rejected: count, waiting: 0 });
    // Nobody looks at the keys of such rows: that alone would take seconds.
    expect(tessera.log.join('')).toContain('it has no MAC');
    expect(tessera.log.join('')).not.toContain('its public key is none');
    await refresh();
    expect(rejectedIn(tessera)).toHaveLength(20);
    expect(await operator.published()).toContain(signer);
    const seen = await look(tessera);
    expect(seen.rejected).toHaveLength(count);
  });
});
