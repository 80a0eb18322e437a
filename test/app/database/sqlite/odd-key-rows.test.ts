/** Rows of keys as only SQLite takes them. */
import { describe, expect, it } from 'vitest';
import { rejectedIn, startWithKeyRows as start } from '../../../support/keys/key-rows.ts';

describe('a row with a value that is no text', () => {
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

describe('two rows of one kid, where nothing keeps that from being', () => {
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
