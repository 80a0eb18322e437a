import { expect, describe, it } from 'vitest';
import { connectTo } from '../../support/database.ts';
import { newOperator, shortLife } from '../../support/key-operator.ts';
import { isPostgres } from '../../support/place.ts';
import { startTessera, type Tessera } from '../../support/tessera.ts';

/** What a column of moments takes, and is none: as SQL has it. SQLite takes anything. */
const oddMoments = [
  '-1',
  '221845392000',
  '9007199254740993',
  '9223372036854775807',
  ...(isPostgres ? [] : [`'x'`, `''`, '1.5', '1e300', `x'3132'`, `x''`]),
];

function rejectedIn({ log }: Tessera): string[] {
  const lines = log.map((line) => JSON.parse(line) as { msg: string; kid: string });
  return lines.filter(({ msg }) => msg === 'key-rejected').map(({ kid }) => kid);
}

async function start() {
  const tessera = await startTessera(shortLife);
  const database = await connectTo(tessera.databaseUrl);
  const operator = await newOperator(tessera);
  const [signer = '', standby = ''] = (await operator.keys()).map(({ kid }) => kid);
  const refresh = () => tessera.keys.keyring.refresh();
  return { tessera, database, operator, signer, standby, refresh };
}

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

describe.skipIf(isPostgres)('a row with a value that is no text', () => {
  it.each(['kid', 'succeeds', 'alg', 'public_jwk', 'facts_mac'])('is left out, and named once: %s', async (column) => {
    const { tessera, database, operator, signer, standby, refresh } = await start();
    // The very bytes of the text.
    await database.all(`update signing_keys set ${column} = cast(${column} as blob) where kid = ?`, standby);
    for (let count = 0; count < 3; count += 1) await refresh();
    expect(rejectedIn(tessera)).toHaveLength(1);
    expect(await operator.published()).toEqual([signer, expect.any(String)]);
    expect(await operator.published()).not.toContain(standby);
    await tessera.request.get('/readyz').expect(200);
  });

  it('is named as unreadable where that is the private part', async () => {
    const { tessera, database, operator, standby, refresh } = await start();
    const as = 'cast(sealed_private_key as blob)';
    await database.all(`update signing_keys set sealed_private_key = ${as} where kid = ?`, standby);
    for (let count = 0; count < 3; count += 1) await refresh();
    expect(tessera.log.filter((line) => line.includes('"key-unreadable"'))).toHaveLength(1);
    expect(await operator.published()).toContain(standby);
  });
});

describe.skipIf(isPostgres)('two rows of one kid, where nothing keeps that from being', () => {
  it('are both left out', async () => {
    const { tessera, database, operator, signer, standby, refresh } = await start();
    const [table] = await database.all(`select sql from sqlite_master where name = 'signing_keys'`);
    await database.all(String(table?.['sql']).replaceAll(' unique', '').replace('"signing_keys"', '"copied"'));
    await database.all('insert into copied select * from signing_keys');
    await database.all('drop table signing_keys');
    await database.all('alter table copied rename to signing_keys');
    const foreign = JSON.stringify(tessera.keys.keyring.keys.find(({ kid }) => kid === signer)?.publicJwk);
    const [row = {}] = await database.all('select * from signing_keys where kid = ?', standby);
    const names = Object.keys(row);
    const marks = names.map(() => '?').join(', ');
    const copy = { ...row, place: -1, public_jwk: foreign, facts_mac: null, sealed_private_key: null };
    await database.all(`insert into signing_keys (${names.join(', ')}) values (${marks})`, ...Object.values(copy));
    await refresh();
    expect(await operator.published()).not.toContain(standby);
    expect(await operator.published()).toContain(signer);
    expect(rejectedIn(tessera)).toContain(standby);
  });
});
