import { describe, expect, it } from 'vitest';
import { rejectedIn, startWithKeyRows as start } from '../../support/keys/key-rows.ts';
import { isPostgres } from '../../support/place.ts';

/** What a column of moments takes, and is none: as SQL has it. SQLite takes anything. */
const oddMoments = [
  '-1',
  '221845392000',
  '9007199254740993',
  '9223372036854775807',
  ...(isPostgres ? [] : [`'x'`, `''`, '1.5', '1e300', `x'3132'`, `x''`]),
];

describe('a row with a value that is no moment', () => {
  it.each(['published_at', 'activates_at', 'took_over_at', 'tokens_expire_at', 'destroyed_at'])(
    'is left out and named, and what reads the others goes on: %s',
    async (column) => {
      const { tessera, database, operator, signer, standby, refresh } = await start();
      const columns = 'published_at, activates_at, took_over_at, tokens_expire_at, destroyed_at';
      const [row = {}] = await database.all(`select ${columns} from signing_keys where kid = ?`, standby);
      for (const [at, value] of oddMoments.entries()) {
        await database.all(`update signing_keys set ${column} = ${value} where kid = ?`, standby);
        await refresh();
        expect({ value, rejected: rejectedIn(tessera) }).toEqual({ value, rejected: Array(at + 1).fill(standby) });
        expect(await operator.published()).not.toContain(standby);
        expect(await operator.published()).toContain(signer);
        expect((await operator.keys()).map(({ kid }) => kid)).not.toContain(standby);
        expect(tessera.keys.keyring.plan.standbys).toHaveLength(1);
        await tessera.request.get('/readyz').expect(200);
        await database.all(`update signing_keys set ${column} = ? where kid = ?`, row[column] ?? null, standby);
        await refresh();
        expect(await operator.published()).toContain(standby);
      }
    },
  );

  it('is revoked like any other, also where it says of no moment that it is', async () => {
    const { tessera, database, operator, standby, refresh } = await start();
    for (const [at, value] of oddMoments.entries()) {
      await database.all(
        `update signing_keys set revoked_at = ${value}, sealed_private_key = null where kid = ?`,
        standby,
      );
      await refresh();
      expect(rejectedIn(tessera)).toHaveLength(at + 1);
      expect(await operator.published()).not.toContain(standby);
      expect(tessera.keys.keyring.leftOut).toEqual({ rejected: 1, waiting: 0 });
      expect((await operator.revoke(standby)).body).toMatchObject({ state: 'revoked', kid: standby });
      await refresh();
      expect(tessera.keys.keyring.leftOut).toEqual({ rejected: 0, waiting: 0 });
      expect(await operator.keyIn('revoked')).toMatchObject({ kid: standby });
    }
  });

  it('is left out where it is the key of another issuer, and revoked', async () => {
    const { tessera, database, operator, refresh } = await start();
    const { publicJwk } = tessera.keys.keyring.keys[0] ?? {};
    const insert = `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until) values`;
    for (const [at, value] of oddMoments.entries())
      for (const values of [`${value}, 9000000000`, `0, ${value}`]) {
        const kid = `theirs-${at}-${values.length}`;
        await database.all(`${insert} (?, 'RS256', ?, ${values})`, kid, JSON.stringify(publicJwk));
        await refresh();
        expect(rejectedIn(tessera)).toContain(kid);
        expect(await operator.published()).not.toContain(kid);
        expect((await operator.revoke(kid)).status).toBe(200);
      }
    await refresh();
    expect(tessera.keys.keyring.leftOut).toEqual({ rejected: 0, waiting: 0 });
    expect((await operator.keys()).filter(({ state }) => state === 'revoked')).toEqual([]);
  });
});
