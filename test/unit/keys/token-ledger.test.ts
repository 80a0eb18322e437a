import { beforeEach, describe, expect, test } from 'vitest';
import { KeyTable } from '../../support/memory-key-store.ts';
import { Replica, type Time } from './replica.ts';

// The policy of fake-keys.ts: views may be 10 s old, clocks 2 s off, a turn is 100 s.
let table: KeyTable;
let time: Time;
let replica: Replica;
let first: string;

beforeEach(async () => {
  table = new KeyTable();
  time = { now: 1_000 };
  replica = new Replica(table, time);
  await replica.keyring.refresh();
  first = await replica.signerKid();
});

const expiryOf = (kid: string): number | null | undefined =>
  table.list().find((key) => key.kid === kid)?.tokensExpireAt;

/** Comes between the replica and its store. */
function onNoteTokens(around: (note: () => Promise<boolean>) => Promise<boolean>): void {
  const { store } = replica.step;
  const noteTokens = store.noteTokens.bind(store);
  store.noteTokens = (kid, expireAt) => around(() => noteTokens(kid, expireAt));
}

async function advance(to: number): Promise<void> {
  while (time.now < to) {
    time.now += 1;
    await replica.keyring.tick();
  }
}

describe('signing a token', () => {
  test('puts it on record first, with as much ahead as a view may be old', async () => {
    expect(expiryOf(first)).toBeNull();
    expect((await replica.keyring.signerUntil(1_500)).kid).toBe(first);
    expect(expiryOf(first)).toBe(1_510);
  });

  test('costs a write only when that is used up, and a hundred at once cost one', async () => {
    let writes = 0;
    onNoteTokens((note) => {
      writes += 1;
      return note();
    });
    await Promise.all(Array.from({ length: 100 }, () => replica.keyring.signerUntil(1_500)));
    for (let exp = 1_490; exp <= 1_510; exp += 1) await replica.keyring.signerUntil(exp);
    expect(writes).toBe(1);
    await replica.keyring.signerUntil(1_511);
    expect(writes).toBe(2);
    expect(expiryOf(first)).toBe(1_521);
  });

  test('never lowers what another replica put on record', async () => {
    const other = new Replica(table, time);
    await other.keyring.refresh();
    await other.keyring.signerUntil(9_000);
    await replica.keyring.signerUntil(1_500);
    expect(expiryOf(first)).toBe(9_010);
  });

  test('uses the key that signs when it is on record, should a turn end meanwhile', async () => {
    onNoteTokens(async (note) => {
      const isThere = await note();
      time.now = 1_100;
      return isThere;
    });
    const second = table.list()[1]?.kid ?? '';
    expect((await replica.keyring.signerUntil(1_500)).kid).toBe(second);
    expect([expiryOf(first), expiryOf(second)]).toEqual([1_510, 1_510]);
  });
});

describe('a retired key stays published', () => {
  test('until the last token that it signed has expired, whatever lifetime is configured by then', async () => {
    await replica.keyring.signerUntil(5_000);
    replica = new Replica(table, time, { policy: { ...replica.step.policy, tokenLifetime: 1 } });
    await replica.keyring.refresh();
    await advance(1_100);
    await advance(5_013);
    expect(replica.publishedKids).toContain(first);
    await advance(5_014);
    expect(replica.publishedKids).not.toContain(first);
  });

  test('no longer, when it signed nothing for a while before its turn ended', async () => {
    await replica.keyring.signerUntil(1_030);
    await advance(1_129);
    expect(replica.publishedKids).toContain(first);
    await advance(1_130);
    expect(replica.publishedKids).not.toContain(first);
  });
});

describe('while the store cannot be written', () => {
  beforeEach(() => {
    onNoteTokens((note) => (isFull ? Promise.reject(new Error('disk full')) : note()));
    isFull = true;
    replica.events.length = 0;
  });

  let isFull = true;

  test('tokens are signed, what is owed is said once, and paid with the next refresh', async () => {
    for (const exp of [1_500, 1_600, 1_700]) expect((await replica.keyring.signerUntil(exp)).kid).toBe(first);
    expect(replica.events.map(([event]) => event)).toEqual(['tokens-not-noted']);
    expect(expiryOf(first)).toBeNull();
    await expect(replica.keyring.refresh()).rejects.toThrow('disk full');
    isFull = false;
    await replica.keyring.refresh();
    expect(expiryOf(first)).toBe(1_700);
    await replica.keyring.signerUntil(1_701);
    expect(expiryOf(first)).toBe(1_711);
  });

  test('what is owed is for the token that lives longest, be it the last or not', async () => {
    for (const exp of [1_500, 1_700, 1_600]) await replica.keyring.signerUntil(exp);
    isFull = false;
    await replica.keyring.refresh();
    expect(expiryOf(first)).toBe(1_700);
  });

  test('no key leaves the set before that is paid', async () => {
    await replica.keyring.signerUntil(1_500);
    await advance(1_400);
    expect(replica.publishedKids).toContain(first);
    isFull = false;
    await advance(1_503);
    expect(replica.publishedKids).toContain(first);
    await advance(1_520);
    expect(replica.publishedKids).not.toContain(first);
  });
});
