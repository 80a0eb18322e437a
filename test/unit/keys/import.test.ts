import fc, { cases } from '../../support/property.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cause } from '../../../src/audit/event.ts';
import type { ForeignKey } from '../../../src/keys/changes/foreign-key.ts';
import { type ImportOutcome, importStandby, importVerifyOnly } from '../../../src/keys/changes/import.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { publicRsa } from '../../support/keys/key-material.ts';
import { policy } from '../../support/keys/fake-keys.ts';
import { Replica, type Time } from './replica.ts';

type WholeKey = ForeignKey & { readonly privateKey: string };

// With the policy of fake-keys.ts, a key signs for 100 s, and one that was published now is known 25 s later.
let table: KeyTable;
let time: Time;
let replica: Replica;

beforeEach(async () => {
  table = new KeyTable();
  time = { now: 1_000 };
  replica = new Replica(table, time);
  await replica.keyring.refresh();
});

const cause: Cause = { actor: { kind: 'script', name: 'ada' }, reason: 'we are moving' };

function foreignKey(kid: string, publicJwk = publicRsa(2048)): WholeKey {
  return {
    kid,
    alg: 'RS256',
    publicJwk: { ...publicJwk, kid, alg: 'RS256', use: 'sig' },
    privateKey: `private ${kid}`,
  };
}

/** The same key under another name. */
function renamed({ publicJwk, privateKey }: WholeKey, kid: string): WholeKey {
  return { kid, alg: 'RS256', publicJwk: { ...publicJwk, kid }, privateKey };
}

const asStandby = (key: WholeKey, by = replica): Promise<ImportOutcome> => importStandby(by.office, key, cause);
const forVerifiers = (key: ForeignKey, seconds = 60, by = replica): Promise<ImportOutcome> =>
  importVerifyOnly(by.office, key, seconds, cause);

describe('a key that comes in as a standby', () => {
  test('takes its place at the end of the line, and is published at once', async () => {
    const [first, second] = table.list();
    time.now = 1_010;
    // The standby before it signs from 1100 to 1200.
    expect(await asStandby(foreignKey('old'))).toEqual({ kind: 'standby', kid: 'old', activatesAt: 1_200 });
    expect(table.list().map(({ kid }) => kid)).toEqual([first?.kid, second?.kid, 'old']);
    expect(table.list()[2]).toMatchObject({
      succeeds: second?.kid,
      publishedAt: 1_010,
      activatesAt: 1_200,
      tookOverAt: null,
      sealedPrivateKey: 'sealed old',
    });
    expect(replica.publishedKids).toEqual([first?.kid, second?.kid, 'old']);
    expect(replica.keyring.plan.standbys.map(({ kid }) => kid)).toEqual([second?.kid, 'old']);
    expect(table.events.at(-1)).toEqual({ ...cause, at: 1_010, type: 'key.imported', subject: 'old' });
  });

  test('signs after as many rotations as standbys were there before it', async () => {
    await asStandby(foreignKey('old'));
    await asStandby(foreignKey('older'));
    await replica.rotate(true);
    expect(await replica.signerKid()).not.toBe('old');
    await replica.rotate(true);
    expect(await replica.signerKid()).toBe('old');
    await replica.rotate(true);
    expect(await replica.signerKid()).toBe('older');
  });

  test('signs by itself when its time comes, and retires like any other', async () => {
    await asStandby(foreignKey('old'));
    for (; time.now < 1_200; time.now += 1) await replica.keyring.tick();
    await replica.keyring.tick();
    expect(await replica.signerKid()).toBe('old');
    for (; time.now < 1_400; time.now += 1) await replica.keyring.tick();
    expect(table.list().map(({ kid }) => kid)).not.toContain('old');
    const life = table.events.filter(({ subject }) => subject === 'old').map(({ type, at }) => [type, at]);
    expect(life.map(([type]) => type)).toEqual(['key.imported', 'key.activated', 'key.destroyed', 'key.retired']);
    expect(life[1]).toEqual(['key.activated', 1_200]);
  });

  test('never signs before every verifier knows it, however late in a turn it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 1_500 }), fc.integer({ min: 1, max: 3 }), async (now, keys) => {
        const own = { table: new KeyTable(), time: { now: 1_000 } };
        const by = new Replica(own.table, own.time);
        await by.keyring.refresh();
        own.time.now = now;
        for (let count = 0; count < keys; count += 1) await asStandby(foreignKey(`old-${count}`), by);
        const line = own.table.list();
        for (const [at, key] of line.entries()) {
          if (!key.kid.startsWith('old')) continue;
          expect(key.activatesAt).toBeGreaterThanOrEqual(key.publishedAt + policy.publishBefore + 1);
          expect(key.activatesAt).toBeGreaterThanOrEqual((line[at - 1]?.activatesAt ?? 0) + policy.rotateEvery);
        }
      }),
      { numRuns: cases(20) },
    );
  });

  test('is refused when new keys sign with another algorithm: it would never get a turn', async () => {
    const before = table.list();
    const key: WholeKey = { ...foreignKey('old'), alg: 'PS256' };
    expect(await asStandby(key)).toEqual({ kind: 'other-algorithm', expected: 'RS256' });
    expect(table.list()).toEqual(before);
  });
});

describe('a key that comes in for verifiers alone', () => {
  test('is published for as long as was asked, in no line, and leaves a trace when it goes', async () => {
    const line = table.list();
    expect(await forVerifiers({ ...foreignKey('old'), privateKey: null }, 60)).toEqual({
      kind: 'verify-only',
      kid: 'old',
      publishedUntil: 1_060,
    });
    expect(replica.publishedKids).toContain('old');
    expect(table.list()).toEqual(line);
    expect(table.events.at(-1)).toEqual({ ...cause, at: 1_000, type: 'key.imported', subject: 'old' });

    time.now = 1_059;
    await replica.keyring.tick();
    expect(replica.publishedKids).toContain('old');
    time.now = 1_060;
    // By the clock alone, before anybody has looked into the store.
    expect(replica.publishedKids).not.toContain('old');
    await replica.keyring.tick();
    expect(table.listVerifyOnly()).toEqual([]);
    const gone = { actor: { kind: 'schedule' }, reason: null, at: 1_060, type: 'key.retired', subject: 'old' };
    expect(table.events.filter(({ subject }) => subject === 'old').slice(1)).toEqual([gone]);
  });

  test('verifies nothing here, and never signs', async () => {
    await forVerifiers(foreignKey('old'));
    expect(await replica.keyring.verificationKey('old', 'RS256')).toBeUndefined();
    expect(replica.keyring.isPublished('old')).toBe(false);
    for (let count = 0; count < 3; count += 1) {
      await replica.rotate(true);
      expect(await replica.signerKid()).not.toBe('old');
    }
  });

  test('may be of any algorithm', async () => {
    expect(await forVerifiers({ ...foreignKey('old'), alg: 'PS256' })).toMatchObject({ kind: 'verify-only' });
  });

  test('once it has left by itself may come in again', async () => {
    const key = foreignKey('old');
    await forVerifiers(key, 1);
    time.now += 1;
    expect(await forVerifiers(key, 60)).toMatchObject({ kind: 'verify-only', publishedUntil: 1_061 });
  });
});

describe('a key that is there already', () => {
  const key = foreignKey('old');
  const ways: [string, (key: WholeKey) => Promise<ImportOutcome>][] = [
    ['as a standby', asStandby],
    ['for verifiers', forVerifiers],
  ];
  async function forget(): Promise<void> {
    expect(await replica.revoke('old')).toMatchObject({ kind: 'revoked' });
    for (let count = 0; count < 10; count += 1) {
      time.now += 150;
      await replica.keyring.refresh();
    }
    expect([...table.list(), ...table.listVerifyOnly()].map(({ kid }) => kid)).not.toContain('old');
  }
  const known = { kind: 'known' };
  const revoked = { kind: 'revoked', revokedAt: 1_000 };
  const pasts: [string, object, () => Promise<unknown>][] = [
    ['a standby', known, () => asStandby(key)],
    ['a revoked standby', revoked, () => asStandby(key).then(() => replica.revoke('old'))],
    ['a standby that was revoked long ago', revoked, () => asStandby(key).then(forget)],
    ['verify-only', known, () => forVerifiers(key)],
    ['verify-only and revoked', revoked, () => forVerifiers(key).then(() => replica.revoke('old'))],
    ['verify-only and was revoked long ago', revoked, () => forVerifiers(key).then(forget)],
  ];
  const cases = ways.flatMap(([way, bringIn]) =>
    pasts.map(([past, outcome, prepare]) => ({ way, past, outcome, bringIn, prepare })),
  );

  test.each(cases)(
    'is not taken $way when it is $past: by kid, or under another name',
    async ({ outcome, bringIn, prepare }) => {
      await prepare();
      const before = [table.list(), table.listVerifyOnly(), [...table.events]];
      expect(await bringIn(key)).toEqual({ ...outcome, kid: 'old' });
      expect(await bringIn(renamed(key, 'new'))).toEqual({ ...outcome, kid: 'new' });
      expect(await bringIn(foreignKey('old'))).toEqual({ ...outcome, kid: 'old' });
      expect([table.list(), table.listVerifyOnly(), table.events]).toEqual(before);
    },
  );

  test('is known by its numbers, whatever algorithm it is for', async () => {
    await forVerifiers({ ...key, alg: 'PS256' });
    expect(await asStandby(renamed(key, 'new'))).toMatchObject({ kind: 'known' });
  });
});

describe('while other processes change the keys, in any order of events', () => {
  type Outcomes = Promise<{ readonly kind: string }>[];

  /** Has replicas over one table, whose every wait ends in an order that is chosen for them, do `work`. */
  async function race(
    work: (replicas: readonly [Replica, Replica, Replica]) => Outcomes,
    judge: (kinds: readonly string[], line: readonly KeyRecord[]) => void,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        table = new KeyTable();
        await new Replica(table, time).keyring.refresh();
        const pause = async () => {
          await scheduler.schedule(Promise.resolve());
        };
        const busy = () => new Replica(table, time, { pause });
        const outcomes = await scheduler.waitFor(Promise.all(work([busy(), busy(), busy()])));
        judge(
          outcomes.map(({ kind }) => kind),
          table.list(),
        );
      }),
      { numRuns: cases(50) },
    );
  }

  test('each key that comes in gets a place, and the line stays one', async () => {
    await race(
      ([a, b, c]) => [asStandby(foreignKey('one'), a), asStandby(foreignKey('two'), b), c.rotate(true)],
      (kinds, line) => {
        expect(kinds.slice(0, 2)).toEqual(['standby', 'standby']);
        expect(line.map(({ succeeds }) => succeeds)).toEqual(['', ...line.slice(0, -1).map(({ kid }) => kid)]);
        expect(line.map(({ kid }) => kid)).toEqual(expect.arrayContaining(['one', 'two']));
      },
    );
  });

  test('one key as a standby twice is taken once, under whichever name came first', async () => {
    const key = foreignKey('old');
    await race(
      ([a, b]) => [asStandby(key, a), asStandby(renamed(key, 'new'), b)],
      (kinds) => {
        expect(kinds.toSorted()).toEqual(['known', 'standby']);
      },
    );
  });

  test('one kid for several keys is taken once, whatever the keys are for', async () => {
    const keys = ['a', 'b', 'c'].map(() => foreignKey('old'));
    const [one, two, three] = keys as [WholeKey, WholeKey, WholeKey];
    await race(
      ([a, b, c]) => [asStandby(one, a), forVerifiers(two, 60, b), forVerifiers(three, 60, c)],
      (kinds) => {
        expect(kinds.filter((kind) => kind !== 'known')).toHaveLength(1);
      },
    );
  });
});
