import fc, { cases } from '../../support/property.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { addMac } from '../../../src/keys/sealing/facts-mac.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { fakeKey, policy } from '../../support/keys/fake-keys.ts';
import { fakeMacs } from '../../support/keys/fake-macs.ts';
import { byScript, Replica, type Time } from './replica.ts';

let table: KeyTable;
let time: Time;
let replica: Replica;
let first: string;
let second: string;

beforeEach(async () => {
  table = new KeyTable();
  time = { now: 1_000 };
  replica = new Replica(table, time);
  await replica.keyring.refresh();
  [first = '', second = ''] = table.list().map(({ kid }) => kid);
  time.now = 1_050;
});

describe('revoking the signer', () => {
  test('lets the standby sign at once, behind which a new one stands', async () => {
    expect(await replica.revoke(first)).toEqual({
      kind: 'revoked',
      kid: first,
      revokedAt: 1_050,
      isNew: true,
      rows: ['signing'],
      left: [],
      signer: second,
      signerKnownAt: 1_025,
      verifiersMayCacheUntil: 1_075,
    });
    expect(await replica.signerKid()).toBe(second);
    expect(replica.keyring.plan.states.map(({ state }) => state)).toEqual(['revoked', 'active', 'standby']);
    expect(table.list()[2]).toMatchObject({ succeeds: second, publishedAt: 1_050, activatesAt: 1_150 });
  });

  test('takes the key out of the set and destroys its private part', async () => {
    await replica.revoke(first);
    expect(replica.publishedKids).toEqual([second, table.list()[2]?.kid]);
    expect(await replica.keyring.verificationKey(first, 'RS256')).toBeUndefined();
    expect(table.list()[0]).toMatchObject({ revokedAt: 1_050, sealedPrivateKey: null });
  });

  test('says so when some verifier may not know the new signer yet', async () => {
    await replica.rotate(true);
    const outcome = await replica.revoke(second);
    expect(outcome).toMatchObject({ kind: 'revoked', signerKnownAt: 1_075 });
  });

  test('reaches a server that runs beside it within the refresh interval', async () => {
    const server = new Replica(table, time);
    await server.keyring.refresh();
    await replica.revoke(first);
    for (let count = 0; count < 5; count += 1) {
      time.now += 1;
      await server.keyring.tick();
    }
    expect(server.keyring.isPublished(first)).toBe(false);
    expect(server.keyring.plan.signer?.kid).toBe(second);
  });
});

test('revoking the standby makes another, and leaves the signer alone', async () => {
  expect(await replica.revoke(second)).toMatchObject({ kind: 'revoked', signer: first });
  expect(replica.keyring.plan.states.map(({ state }) => state)).toEqual(['active', 'revoked', 'standby']);
  expect(table.list()[2]).toMatchObject({ succeeds: second, activatesAt: 1_100 });
});

test('revoking a key that signs no more takes it out of the set, and nothing else happens', async () => {
  await replica.rotate();
  expect(await replica.revoke(first)).toMatchObject({ kind: 'revoked', signer: second });
  expect(replica.keyring.plan.states.map(({ state }) => state)).toEqual(['revoked', 'active', 'standby']);
});

test('revoking everything there is leaves a signer and a standby all the same', async () => {
  for (const kid of [second, first]) await replica.revoke(kid);
  for (const { kid } of table.list()) await replica.revoke(kid);
  expect(await replica.signerKid()).toBe(table.list().at(-2)?.kid);
  expect(replica.keyring.plan.standbys).toHaveLength(1);
});

test('revoking is final: once more changes nothing, and so it is when the row is gone', async () => {
  const outcome = await replica.revoke(first);
  time.now += 10;
  expect(await replica.revoke(first)).toEqual({ ...outcome, isNew: false, rows: [] });
  expect(table.events.filter(({ type }) => type === 'key.revoked')).toHaveLength(1);
  const events = table.events.length;
  // By then every verifier has forgotten it, and its last token has expired: 49 seconds after the revocation.
  time.now = 1_050 + 49 + 499;
  await replica.keyring.refresh();
  expect(table.list()[0]).toMatchObject({ kid: first, revokedAt: 1_050 });
  time.now += 1;
  await replica.keyring.refresh();
  expect(table.list().map(({ kid }) => kid)).not.toContain(first);
  expect(table.events.slice(events).filter(({ subject }) => subject === first)).toEqual([]);
  expect(replica.events).toContainEqual(['keys-forgotten', { kids: [first] }]);
  expect(await replica.revoke(first)).toMatchObject({ kind: 'revoked', kid: first, revokedAt: 1_050, isNew: false });
});

test('who revoked a key, and why, is on record, with what followed from it', async () => {
  const actor = { kind: 'caller', sub: 'usr_x', clientId: 'first-party' } as const;
  await revokeKey(replica.office, first, { actor, reason: 'it was on a laptop' });
  const occasion = { actor, reason: 'it was on a laptop', at: 1_050 };
  expect(table.events.slice(-3)).toEqual([
    { ...occasion, type: 'key.revoked', subject: first },
    { ...occasion, type: 'key.activated', subject: second },
    { ...occasion, type: 'key.created', subject: table.list()[2]?.kid },
  ]);
});

test('a key of another issuer can be revoked, too', async () => {
  const { kid, alg, publicJwk } = fakeKey('theirs');
  const moments = { publishedAt: 1_050, publishedUntil: 2_000, revokedAt: null };
  const key = await addMac({ kid, alg, publicJwk, ...moments, factsMac: null }, fakeMacs);
  table.insertVerifyOnly(key, { ...byScript, at: 1_050 });
  await replica.keyring.refresh();
  expect(replica.publishedKids).toContain('theirs');
  expect(await replica.keyring.verificationKey('theirs', 'RS256')).toBeUndefined();
  expect(await replica.revoke('theirs')).toMatchObject({ kind: 'revoked', signer: first, isNew: true });
  expect(await replica.revoke('theirs')).toMatchObject({ kind: 'revoked', isNew: false });
  expect(replica.publishedKids).toEqual([first, second]);
  time.now += 1_000;
  await replica.keyring.refresh();
  expect(table.listVerifyOnly()).toEqual([]);
  expect(await replica.revoke('theirs')).toMatchObject({ kind: 'revoked', revokedAt: 1_050, isNew: false });
});

test('a row that no server wrote is forgotten like any other when it has been revoked', async () => {
  table.change(first, { publishedAt: 1 });
  await replica.revoke(first);
  time.now += 1_000;
  await replica.keyring.refresh();
  expect(table.list().map(({ kid }) => kid)).not.toContain(first);
  expect(await replica.revoke(first)).toMatchObject({ isNew: false, revokedAt: 1_050 });
});

test('many that are to be forgotten do not hold up a start, nor each other', async () => {
  for (let count = 0; count < 120; count += 1) {
    const { kid, alg, publicJwk } = fakeKey(`theirs-${count}`);
    const key = { kid, alg, publicJwk, publishedAt: 0, publishedUntil: 9, revokedAt: 5, factsMac: null };
    table.insertVerifyOnly(key, { ...byScript, at: 5 });
  }
  for (const left of [70, 20, 0]) {
    await replica.keyring.refresh();
    expect(table.listVerifyOnly()).toHaveLength(left);
  }
});

test('a kid that nobody knows is unknown', async () => {
  expect(await replica.revoke('x')).toEqual({ kind: 'unknown' });
});

describe('at any moment of any history', () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constantFrom('rotate' as const, 'force' as const), by: fc.nat(2) }),
      fc.record({ kind: fc.constant('revoke' as const), by: fc.nat(2), key: fc.nat(5) }),
    ),
    { maxLength: 25 },
  );

  test('there is a signer and a standby right after, and a revoked key is never published again', async () => {
    await fc.assert(
      fc.asyncProperty(
        moves,
        fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 3, maxLength: 3 }),
        async (all, skews) => {
          const shared = new KeyTable();
          time.now = 1_000;
          const replicas = skews.map((skew) => new Replica(shared, time, { skew }));
          for (const each of replicas) await each.keyring.refresh();
          const revokedAt = new Map<string, number>();

          for (const move of all) {
            if (move.kind === 'wait')
              for (let second = 0; second < move.seconds; second += 1) {
                time.now += 1;
                for (const each of replicas) {
                  await each.keyring.tick();
                  await expectHealth(each, revokedAt);
                }
              }
            else {
              const actor = replicas[move.by] ?? replica;
              if (move.kind === 'revoke') {
                const live = shared.list().filter((key) => key.revokedAt === null);
                const kid = live[move.key % live.length]?.kid ?? '';
                expect((await actor.revoke(kid)).kind).toBe('revoked');
                revokedAt.set(kid, time.now);
                expect(actor.keyring.isPublished(kid)).toBe(false);
              } else await actor.rotate(move.kind === 'force');
              await expectHealth(actor, revokedAt);
            }
          }
        },
      ),
      { numRuns: cases(150) },
    );
  });

  async function expectHealth(each: Replica, revokedAt: ReadonlyMap<string, number>): Promise<void> {
    const kids = each.publishedKids;
    expect(kids).toContain(await each.signerKid());
    expect(kids).toContain(each.keyring.plan.standbys[0]?.kid);
    for (const [kid, at] of revokedAt) if (time.now >= at + policy.replicaRefresh) expect(kids).not.toContain(kid);
  }
});

test('revocations and rotations at once, in any order of events, each take place once and leave a working line', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat(3), { minLength: 2, maxLength: 5 }),
      async (scheduler, choices) => {
        const shared = new KeyTable();
        const pause = async (): Promise<void> => {
          await scheduler.schedule(Promise.resolve());
        };
        time.now = 1_000;
        await new Replica(shared, time).keyring.refresh();
        time.now = 1_090;
        await new Replica(shared, time).keyring.refresh();
        const targets = shared.list().map(({ kid }) => kid);
        const work = choices.map((choice) => {
          const kid = targets[choice];
          const each = new Replica(shared, time, { pause });
          return kid === undefined ? each.rotate(true) : each.revoke(kid);
        });
        const outcomes = await scheduler.waitFor(Promise.all(work));

        const revoked = outcomes.flatMap((outcome) =>
          outcome.kind === 'revoked' && outcome.isNew ? [outcome.kid] : [],
        );
        const chosen = targets.filter((_, place) => choices.includes(place));
        expect(revoked.toSorted()).toEqual(chosen.toSorted());
        const after = new Replica(shared, time);
        await after.keyring.refresh();
        expect(after.publishedKids).toContain(await after.signerKid());
        expect(after.keyring.plan.standbys.length).toBeGreaterThan(0);
        for (const kid of revoked) expect(after.publishedKids).not.toContain(kid);
        const succeeded = shared.list().map(({ succeeds }) => succeeds);
        expect(new Set(succeeded).size).toBe(succeeded.length);
      },
    ),
    { numRuns: cases(200) },
  );
});
