import { beforeEach, describe, expect, test } from 'vitest';
import { NoSigningKey } from '../../../src/keys/errors.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { byScript, Replica, type Time } from './replica.ts';

// The policy of fake-keys.ts: views may be 10 s old, a turn is 100 s, the next key is made 40 s ahead of it.
let table: KeyTable;
let time: Time;
let replica: Replica;

beforeEach(async () => {
  table = new KeyTable();
  time = { now: 1_000 };
  replica = new Replica(table, time);
  await replica.keyring.refresh();
});

async function advance(seconds: number, ...others: Replica[]): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    time.now += 1;
    for (const each of [replica, ...others]) await each.keyring.tick();
  }
}

describe('a start', () => {
  test('finds nothing, and makes a signer and a standby', async () => {
    const kids = table.list().map(({ kid }) => kid);
    expect(kids).toHaveLength(2);
    expect(await replica.signerKid()).toBe(kids[0]);
    expect(replica.publishedKids).toEqual(kids);
  });

  test('finds keys, and makes none', async () => {
    const other = new Replica(table, time);
    await other.keyring.refresh();
    expect(table.list()).toHaveLength(2);
    expect(await other.signerKid()).toBe(await replica.signerKid());
  });

  test('is not over before it has been made', async () => {
    const { keyring } = new Replica(table, time);
    expect(() => keyring.jwks).toThrow(NoSigningKey);
    await expect(keyring.signer()).rejects.toThrow(NoSigningKey);
  });

  test('fails when the store cannot be reached', async () => {
    const other = new Replica(table, time);
    other.isStoreDown = true;
    await expect(other.keyring.refresh()).rejects.toThrow('connection refused');
  });
});

describe('refreshing', () => {
  test('is shared by all who ask while it runs', async () => {
    const before = replica.reads;
    await Promise.all(Array.from({ length: 50 }, () => replica.keyring.refresh()));
    // The first run, and one that began after the others had asked.
    expect(replica.reads - before).toBe(2);
  });

  test('shows what was in the store when it was asked for, even during another', async () => {
    const running = replica.keyring.refresh();
    const [, standby] = table.list();
    table.promote(standby?.kid ?? '', { from: 1_100, to: 1_000 }, { ...byScript, at: 1_000 });
    await replica.keyring.refresh();
    await running;
    expect(await replica.signerKid()).toBe(standby?.kid);
  });

  test('by the tick happens at half the age that a view may reach', async () => {
    const before = replica.reads;
    await advance(4);
    expect(replica.reads).toBe(before);
    await advance(1);
    expect(replica.reads).toBe(before + 1);
  });

  test('by the tick happens when a change is due', async () => {
    await advance(58);
    expect(table.list()).toHaveLength(2);
    const before = replica.reads;
    await advance(2);
    expect(table.list()).toHaveLength(3);
    expect(replica.reads).toBeGreaterThan(before);
  });

  test('every second keeps the line moving: turns pass, old keys go, private parts are destroyed', async () => {
    const [first, second] = table.list();
    await advance(100);
    expect(await replica.signerKid()).toBe(second?.kid);
    expect(replica.publishedKids).toContain(first?.kid);
    await advance(15);
    expect(table.list()[0]).toMatchObject({ kid: first?.kid, sealedPrivateKey: null });
    await advance(15);
    expect(replica.publishedKids).not.toContain(first?.kid);
    expect(table.list().map(({ kid }) => kid)).not.toContain(first?.kid);
    await advance(1_000);
    expect(table.list().length).toBeLessThanOrEqual(4);
  });

  test('makes up for ticks that were missed', async () => {
    time.now += 10_000;
    await replica.keyring.tick();
    expect(replica.keyring.plan.states.map(({ state }) => state)).toEqual(['retiring', 'active', 'standby', 'standby']);
    await advance(40);
    expect(replica.keyring.plan.states.map(({ state }) => state)).toEqual(['retiring', 'active', 'standby']);
  });

  test('takes note of a turn that passed by its schedule, once, whoever sees it first', async () => {
    const [, second] = table.list();
    await advance(130, new Replica(table, time));
    const activations = table.events.filter(({ type, subject }) => type === 'key.activated' && subject === second?.kid);
    expect(activations).toEqual([
      { type: 'key.activated', subject: second?.kid, at: 1_100, actor: { kind: 'schedule' }, reason: null },
    ]);
  });
});

describe('a request', () => {
  test('costs no query while the view is fresh', async () => {
    const before = replica.reads;
    time.now += 9;
    for (let count = 0; count < 100; count += 1) {
      const { kid } = await replica.keyring.signer();
      expect(await replica.keyring.verificationKey(kid, 'RS256')).toBeDefined();
      expect(replica.keyring.jwks.body.keys).toHaveLength(2);
    }
    expect(replica.reads).toBe(before);
  });

  test('after a stall looks at the store before it signs', async () => {
    const other = new Replica(table, time);
    await other.keyring.refresh();
    time.now += 30;
    const rotation = await other.rotate();
    expect(rotation.kind).toBe('rotated');
    expect(await replica.signerKid()).toBe(await other.signerKid());
  });

  test('gets the same CryptoKey each time, across refreshes', async () => {
    const { kid, privateKey } = await replica.keyring.signer();
    const publicKey = await replica.keyring.verificationKey(kid, 'RS256');
    await advance(20);
    expect((await replica.keyring.signer()).privateKey).toBe(privateKey);
    expect(await replica.keyring.verificationKey(kid, 'RS256')).toBe(publicKey);
    expect(publicKey?.type).toBe('public');
  });

  test('with a kid that another replica made just now finds it', async () => {
    const other = new Replica(table, time);
    await other.keyring.refresh();
    time.now += 1;
    await other.rotate(true);
    const standby = other.keyring.plan.standbys[0]?.kid ?? '';
    expect(replica.keyring.isPublished(standby)).toBe(false);
    expect(await replica.keyring.verificationKey(standby, 'RS256')).toBeDefined();
    expect(replica.keyring.isPublished(standby)).toBe(true);
  });

  test('with a kid that another replica made in the very second of the last look finds it all the same', async () => {
    const other = new Replica(table, time);
    await other.keyring.refresh();
    for (let count = 0; count < 3; count += 1) {
      expect(await replica.keyring.verificationKey('nobody’s', 'RS256')).toBeUndefined();
      await other.revoke(await other.signerKid());
      const made = table.list().at(-1)?.kid ?? '';
      expect(replica.keyring.isPublished(made)).toBe(false);
      expect(await replica.keyring.verificationKey(made, 'RS256')).toBeDefined();
    }
  });

  test('with kids that nobody knows costs four looks a second at most, however many come', async () => {
    const before = replica.reads;
    const begunAt = performance.now();
    const ask = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 1_000 }, (_, n) => replica.keyring.verificationKey(`x${n}`, 'RS256')));
    for (let count = 0; count < 4; count += 1) expect(await ask()).toEqual(Array.from({ length: 1_000 }));
    expect(replica.reads - before).toBe(4);
    expect(performance.now() - begunAt).toBeGreaterThan(700);
  });

  test('with the kid of a revoked key is refused without a look', async () => {
    const { kid } = await replica.keyring.signer();
    await replica.revoke(kid);
    const before = replica.reads;
    expect(await replica.keyring.verificationKey(kid, 'RS256')).toBeUndefined();
    expect(replica.reads).toBe(before);
  });
});

describe('while the store cannot be reached', () => {
  beforeEach(() => {
    replica.isStoreDown = true;
    replica.events.length = 0;
  });

  test('tokens are signed and keys published as before', async () => {
    const kids = replica.publishedKids;
    await advance(60);
    expect(await replica.signerKid()).toBe(kids[0]);
    expect(replica.publishedKids).toEqual(kids);
    expect(await replica.keyring.verificationKey(kids[0] ?? '', 'RS256')).toBeDefined();
  });

  test('nobody says of a kid that there is no such key: another replica may have made it', async () => {
    await expect(replica.keyring.verificationKey('unknown', 'RS256')).rejects.toThrow(Unavailable);
    replica.isStoreDown = false;
    expect(await replica.keyring.verificationKey('unknown', 'RS256')).toBeUndefined();
  });

  test('nobody waits for it once it is known, be the view ever so old', async () => {
    const held = new Replica(table, time, { pause: () => waiting });
    let letGo = () => {};
    let waiting = Promise.resolve();
    await held.keyring.refresh();
    waiting = new Promise((resolve) => {
      letGo = resolve;
    });
    time.now += 60;
    const timeOf = async (work: () => Promise<unknown>) => {
      const begunAt = performance.now();
      await work();
      return performance.now() - begunAt;
    };
    expect(await timeOf(() => held.keyring.freshen())).toBeLessThan(10_000);
    // Each that waited would take half a second.
    const inTurn = async () => {
      for (let count = 0; count < 10; count += 1) {
        await held.keyring.freshen();
        await held.signerKid();
      }
    };
    expect(await timeOf(inTurn)).toBeLessThan(5_000);
    letGo();
    await held.keyring.lookAgain();
    const before = held.reads;
    time.now += 60;
    await held.keyring.freshen();
    expect(held.reads).toBe(before + 1);
  });

  test('a turn that was scheduled before passes on time, and the rest is made up for afterwards', async () => {
    const [first, second] = table.list();
    await advance(99);
    expect(await replica.signerKid()).toBe(first?.kid);
    await advance(1);
    expect(await replica.signerKid()).toBe(second?.kid);
    // Nobody knows what other replicas signed with it meanwhile.
    await advance(500);
    expect(replica.publishedKids).toEqual([first?.kid, second?.kid]);
    replica.isStoreDown = false;
    await advance(1);
    expect(await replica.signerKid()).toBe(second?.kid);
    expect(replica.keyring.plan.standbys).not.toEqual([]);
    await advance(15);
    expect(replica.publishedKids).not.toContain(first?.kid);
  });

  test('the log says so once, and once when it is over', async () => {
    await advance(30);
    expect(replica.events.map(([event]) => event)).toEqual(['refresh-failed']);
    replica.isStoreDown = false;
    await advance(1);
    expect(replica.events.map(([event]) => event)).toEqual(['refresh-failed', 'refresh-recovered']);
  });
});

describe('a clock that jumps', () => {
  test('an hour back after a rotation: tokens are signed, and keys published', async () => {
    await advance(110);
    time.now -= 3_600;
    expect(await replica.signerKid()).toBe(table.list()[0]?.kid);
    await advance(20);
    expect(replica.publishedKids).toContain(await replica.signerKid());
  });

  test('an hour back after the private part before was destroyed: the next key signs', async () => {
    await advance(116);
    expect(table.list()[0]?.sealedPrivateKey).toBeNull();
    time.now -= 3_600;
    expect(await replica.signerKid()).toBe(table.list()[1]?.kid);
    await advance(20);
    expect(replica.publishedKids).toEqual(table.list().map(({ kid }) => kid));
  });

  test('an hour forward, and back again', async () => {
    time.now += 3_600;
    await advance(1);
    expect(replica.publishedKids).toContain(await replica.signerKid());
    time.now -= 3_600;
    await advance(1);
    expect(replica.publishedKids).toContain(await replica.signerKid());
    expect(replica.keyring.plan.standbys).not.toEqual([]);
  });
});
