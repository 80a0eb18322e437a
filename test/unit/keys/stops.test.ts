import { expect, test } from 'vitest';
import { planKeys } from '../../../src/keys/timeline/plan.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { none, policy } from '../../support/keys/fake-keys.ts';
import { Replica } from './replica.ts';

// A process that is killed stops between two waits: for the store, on the way in or out of a transaction, or for a new key.

/** Runs `work` over `table` in a process that stops for good at its `wait`th wait. Returns whether it got so far. */
async function stopAt(wait: number, table: KeyTable, work: (replica: Replica) => Promise<unknown>): Promise<boolean> {
  let waits = 0;
  const pause = async (): Promise<void> => {
    waits += 1;
    if (waits > wait) throw new Error('stopped');
  };
  return work(new Replica(table, { now: 1_030 }, { pause })).then(
    () => false,
    () => true,
  );
}

async function makeTable(): Promise<KeyTable> {
  const table = new KeyTable();
  await new Replica(table, { now: 1_000 }).keyring.refresh();
  return table;
}

async function expectNextStartIsWell(table: KeyTable): Promise<void> {
  const next = new Replica(table, { now: 1_030 });
  await next.keyring.refresh();
  expect(next.publishedKids).toContain(await next.signerKid());
  expect(next.keyring.plan.standbys).toHaveLength(1);
}

test('a first start that stops anywhere is finished by the next', async () => {
  for (let wait = 0, isStopped = true; isStopped; wait += 1) {
    const table = new KeyTable();
    isStopped = await stopAt(wait, table, ({ keyring }) => keyring.refresh());
    await expectNextStartIsWell(table);
    expect(table.list()).toHaveLength(2);
  }
});

test('a rotation that stops anywhere has happened or has not, and the next start finishes or forgets it', async () => {
  const lengths = new Set<number>();
  for (let wait = 0, isStopped = true; isStopped; wait += 1) {
    const table = await makeTable();
    isStopped = await stopAt(wait, table, (replica) => replica.rotate());
    const hasHappened = table.list()[1]?.activatesAt === 1_030;
    await expectNextStartIsWell(table);
    expect(table.list()).toHaveLength(hasHappened ? 3 : 2);
    lengths.add(table.list().length);
  }
  expect(lengths).toEqual(new Set([2, 3]));
});

test('a revocation that stops anywhere leaves a signer and a standby, before any other process helps', async () => {
  for (let wait = 0, isStopped = true; isStopped; wait += 1) {
    const table = await makeTable();
    isStopped = await stopAt(wait, table, (replica) => replica.revoke(table.list()[0]?.kid ?? ''));
    const plan = planKeys(table.list(), 1_030, policy, none);
    expect(plan.signer?.activatesAt).toBe(table.list()[0]?.revokedAt ?? 1_000);
    expect(plan.standbys).toHaveLength(1);
    expect(plan.create).toBeNull();
    await expectNextStartIsWell(table);
  }
});
