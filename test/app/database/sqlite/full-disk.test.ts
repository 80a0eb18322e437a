import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../../../src/unavailable.ts';
import { connectTo, newDatabase, newUrl, openStores, tablesOf } from '../../../support/database.ts';
import { changes, populate } from '../../../support/database/changes.ts';

async function contentsOf(url: string): Promise<Record<string, unknown[]>> {
  const connection = await connectTo(url);
  const contents: Record<string, unknown[]> = {};
  for (const table of await tablesOf(connection)) contents[table] = await connection.all(`select * from ${table}`);
  await connection.close();
  return contents;
}

describe.each(Object.entries(changes).filter(([, { grows }]) => grows))('%s', (_, { write }) => {
  it('is unavailable while the disk is full, and changes nothing', async () => {
    const url = await newUrl();
    await newDatabase(url);
    const stores = openStores(url);
    const taken = await populate(stores);
    const before = await contentsOf(url);
    await stores.run('PRAGMA max_page_count = 1');
    await expect(write(stores, taken)).rejects.toThrow(Unavailable);
    expect(await contentsOf(url)).toEqual(before);
    await stores.run('PRAGMA max_page_count = 1000000');
    await write(stores, taken);
    expect(await contentsOf(url)).not.toEqual(before);
  });
});
