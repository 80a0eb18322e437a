import fc from '../../support/property.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { byScript, Replica, type Time } from './replica.ts';

// With the policy of fake-keys.ts, a standby is known to every verifier 25 s after it was published.
let table: KeyTable;
let time: Time;
let replica: Replica;

beforeEach(async () => {
  table = new KeyTable();
  time = { now: 1_000 };
  replica = new Replica(table, time);
  await replica.keyring.refresh();
});

describe('a rotation', () => {
  test('is refused while some verifier may not know the standby, and says when it will be safe', async () => {
    const [first, second] = table.list();
    time.now = 1_024;
    expect(await replica.rotate()).toEqual({ kind: 'too-soon', kid: second?.kid, safeAt: 1_025 });
    expect(await replica.signerKid()).toBe(first?.kid);
    expect(table.list()).toHaveLength(2);
  });

  test('promotes the standby, which signs at once, and leaves a new standby behind it', async () => {
    const [first, second] = table.list();
    time.now = 1_025;
    expect(await replica.rotate()).toEqual({
      kind: 'rotated',
      kid: second?.kid,
      previous: first?.kid,
      previousRetiresBy: 1_074,
    });
    expect(await replica.signerKid()).toBe(second?.kid);
    expect(replica.keyring.plan.states.map(({ state }) => state)).toEqual(['retiring', 'active', 'standby']);
    expect(table.list()[2]).toMatchObject({ succeeds: second?.kid, publishedAt: 1_025, activatesAt: 1_125 });
  });

  test('takes place before it is safe when forced', async () => {
    const [, second] = table.list();
    expect(await replica.rotate(true)).toMatchObject({ kind: 'rotated', kid: second?.kid });
  });

  test('reaches a server that runs beside it within the refresh interval, with no restart', async () => {
    const server = new Replica(table, time);
    await server.keyring.refresh();
    time.now = 1_025;
    await replica.rotate();
    for (let second = 0; second < 5; second += 1) {
      time.now += 1;
      await server.keyring.tick();
    }
    expect(server.keyring.plan.signer?.kid).toBe(await replica.signerKid());
  });

  test('passes over a standby whose private part is corrupt', async () => {
    const [, second] = table.list();
    table.change(second?.kid ?? '', { sealedPrivateKey: 'damaged' });
    expect(await replica.rotate(true)).toMatchObject({ kind: 'rotated', kid: table.list()[2]?.kid });
  });

  test('that stopped after the promotion is finished by any replica', async () => {
    const [, second] = table.list();
    table.promote(second?.kid ?? '', { from: 1_100, to: 1_000 }, { ...byScript, at: 1_000 });
    const other = new Replica(table, time);
    await other.keyring.refresh();
    expect(other.keyring.plan.states.map(({ state }) => state)).toEqual(['retiring', 'active', 'standby']);
  });
});

describe('with the signer that is meant', () => {
  test('happens once: repeated, or asked for by two, it is a conflict', async () => {
    const [first, second] = table.list();
    time.now = 1_030;
    const meant = { force: true, signer: first?.kid, cause: byScript };
    expect(await rotateKeys(replica.office, meant)).toMatchObject({ kind: 'rotated', kid: second?.kid });
    expect(await rotateKeys(replica.office, meant)).toEqual({ kind: 'not-signer', signer: second?.kid });
    expect(await replica.signerKid()).toBe(second?.kid);
  });

  test('has happened by a clock that is ahead: for one behind it, that is a conflict', async () => {
    const ahead = new Replica(table, time, { skew: 2 });
    const first = table.list()[0]?.kid;
    await ahead.rotate(true);
    // By this clock, the first still signs for two seconds.
    const outcome = await rotateKeys(replica.office, { force: true, signer: first, cause: byScript });
    expect(await replica.signerKid()).toBe(first);
    expect(outcome).toEqual({ kind: 'conflict' });
    expect(table.events.filter(({ type }) => type === 'key.activated')).toHaveLength(2);
  });

  test('is asked for by clocks that differ: one succeeds, whichever is ahead', async () => {
    for (const skew of [-2, 2]) {
      const shared = new KeyTable();
      const [a, b] = [new Replica(shared, time), new Replica(shared, time, { skew })] as const;
      await a.keyring.refresh();
      await b.keyring.refresh();
      const signer = await a.signerKid();
      const outcomes = await Promise.all(
        [a, b].map((each) => rotateKeys(each.office, { force: true, signer, cause: byScript })),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'rotated']);
      expect(shared.events.filter(({ type }) => type === 'key.activated')).toHaveLength(2);
    }
  });
});

describe('at the same moment, in any order of events', () => {
  /** Replicas over one table whose every wait, for the store or for a new key, ends in an order chosen by `scheduler`. */
  function race(scheduler: fc.Scheduler, count: number, shared = new KeyTable()): Replica[] {
    const pause = async (): Promise<void> => {
      await scheduler.schedule(Promise.resolve());
    };
    return Array.from({ length: count }, () => new Replica(shared, time, { pause }));
  }

  function expectOneLine(keys: KeyTable): void {
    const succeeded = keys.list().map(({ succeeds }) => succeeds);
    expect(new Set(succeeded).size).toBe(succeeded.length);
    expect(succeeded.slice(1)).toEqual(
      keys
        .list()
        .slice(0, -1)
        .map(({ kid }) => kid),
    );
  }

  test('first starts make one signer and one standby between them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, count) => {
        const shared = new KeyTable();
        const replicas = race(scheduler, count, shared);
        await scheduler.waitFor(Promise.all(replicas.map(({ keyring }) => keyring.refresh())));
        expect(shared.list()).toHaveLength(2);
        expectOneLine(shared);
        expect(new Set(replicas.map(({ keyring }) => keyring.jwks.etag)).size).toBe(1);
      }),
    );
  });

  test('rotations promote one key, and the others are told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, count) => {
        const shared = new KeyTable();
        time.now = 1_000;
        await new Replica(shared, time).keyring.refresh();
        time.now = 1_030;
        const replicas = race(scheduler, count, shared);
        const outcomes = await scheduler.waitFor(Promise.all(replicas.map((each) => each.rotate())));
        expect(outcomes.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
        expect(outcomes.every(({ kind }) => ['rotated', 'too-soon', 'conflict'].includes(kind))).toBe(true);
        expect(shared.list()).toHaveLength(3);
        expectOneLine(shared);
      }),
    );
  });

  test('forced rotations each promote a key of their own, or are told of a conflict', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, count) => {
        const shared = new KeyTable();
        const replicas = race(scheduler, count, shared);
        const outcomes = await scheduler.waitFor(Promise.all(replicas.map((each) => each.rotate(true))));
        const rotated = outcomes.filter((outcome) => outcome.kind === 'rotated').map(({ kid }) => kid);
        expect(rotated.length).toBeGreaterThan(0);
        expect(new Set(rotated).size).toBe(rotated.length);
        expect(shared.list()).toHaveLength(2 + rotated.length);
        expectOneLine(shared);
      }),
    );
  });
});
