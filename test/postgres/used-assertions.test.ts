import { expect, it, onTestFinished } from 'vitest';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { useAssertion } from '../../src/database/stores/used-assertions.ts';
import { newDatabase, newUrl } from '../support/database.ts';
import { aClient, occasion } from '../support/records.ts';

it('the use of an assertion does not wait for whoever is about to remove those that have expired', async () => {
  const url = await newUrl();
  const { clients } = await newDatabase(url);
  await clients.insertClient(aClient('c'), null, occasion(10));
  const { db } = postgresEngine(url, { size: 2, statementTimeout: 5 });
  onTestFinished(() => db.destroy());
  const use = (jti: string, expiresAt: number, now: number) => useAssertion(db, { clientId: 'c', jti, expiresAt }, now);
  expect(await use('old', 100, 50)).toBe(true);

  const isHeld = Promise.withResolvers<undefined>();
  const isUsed = Promise.withResolvers<undefined>();
  const holder = db.transaction().execute(async (trx) => {
    await trx.selectFrom('used_assertions').select('jti').forUpdate().execute();
    isHeld.resolve(undefined);
    await isUsed.promise;
  });
  await isHeld.promise;
  try {
    expect(await use('new', 300, 200)).toBe(true);
  } finally {
    isUsed.resolve(undefined);
    await holder;
  }
});
