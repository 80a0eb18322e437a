import fc, { cases } from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import type { Occasion } from '../../../src/audit/event.ts';
import { FIRST, type KeyRecord, type KeyStore, type MacChange } from '../../../src/keys/store.ts';
import { connectTo, newUrl } from '../../support/database.ts';
import { aKey, aVerifyOnlyKey, occasion } from '../../support/records.ts';
import { makers, recordedBy, type KeyStores } from '../../support/database/key-stores.ts';

/** A change as both stores are told to make it, and how to tell which it was. */
type Change = { readonly told: unknown; readonly make: (stores: KeyStores, now: Occasion) => Promise<unknown> };

function change<Told>(told: fc.Arbitrary<Told>, make: (told: Told, ...on: Parameters<Change['make']>) => unknown) {
  return told.map((each): Change => ({ told: each, make: async (...on) => make(each, ...on) }));
}

// Few of everything, so that changes get into each other's way.
const kid = fc.constantFrom('a', 'b', 'c', 'd');
const kids = fc.uniqueArray(kid, { maxLength: 3 });
const forget = kids.map((some) => some.map((kid) => ({ kid, thumbprint: `${kid}${kid}` })));
const moment = fc.integer({ min: 1, max: 6 });
const sealedPrivateKey = fc.constantFrom('sealed', 'sealed anew');
/** Null stands for the last in line, where a key is taken. */
const succeeds = fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { arbitrary: kid, weight: 1 });

async function place(
  { keys }: KeyStores,
  { kid, succeeds, ...more }: Pick<KeyRecord, 'kid' | 'activatesAt' | 'sealedPrivateKey'> & { succeeds: string | null },
): Promise<KeyRecord> {
  return aKey(kid, succeeds ?? (await keys.listKeys()).at(-1)?.kid ?? FIRST, more);
}

const mac = fc.constantFrom('one', 'another');
const macChange = fc.record<MacChange>({
  of: fc.constantFrom('signing', 'verify-only'),
  kid,
  from: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, mac),
  to: mac,
  resealed: fc.constant(null),
});
const key = fc.record({ kid, succeeds, activatesAt: moment, sealedPrivateKey });
/** A spare is made, not brought in, so no verify-only key has its kid. */
const spare = fc.record({ kid: fc.constantFrom('x', 'y', 'z'), succeeds, activatesAt: moment, sealedPrivateKey });
const event = fc.constantFrom<Parameters<KeyStore['insertKey']>[1][]>('key.created', 'key.imported');

const changes = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: change(fc.record({ key, event }), async (told, stores, now) =>
        stores.keys.insertKey(await place(stores, told.key), told.event, now),
      ),
    },
    change(fc.record({ kid, from: moment, to: moment }), ({ kid, ...to }, { keys }, now) =>
      keys.promoteKey(kid, to, now),
    ),
    change(
      fc.record({ kid, promote: fc.option(kid), spare: fc.option(spare) }),
      async ({ kid, promote, spare }, stores, now) =>
        stores.keys.revokeKey(kid, { promote, spare: spare && (await place(stores, spare)) }, now),
    ),
    change(fc.record({ kid, expireAt: moment }), ({ kid, expireAt }, { keys }) => keys.noteTokens(kid, expireAt)),
    change(fc.record({ tookOver: kids, destroyPrivate: kids, remove: kids, forget }), (due, { keys }, now) =>
      keys.settleKeys(due, now),
    ),
    change(fc.record({ kid, thumbprint: fc.option(kid.map((each) => each + each)) }), (key, { keys }) =>
      keys.findForgotten(key),
    ),
    change(fc.record({ kid, from: sealedPrivateKey, to: sealedPrivateKey }), ({ kid, ...to }, { keys }, now) =>
      keys.resealKey(kid, to, now),
    ),
    change(fc.uniqueArray(macChange, { selector: ({ of, kid }) => of + kid, maxLength: 3 }), (many, { keys }) =>
      keys.writeMacs(many),
    ),
    change(fc.record({ kid, publishedAt: moment }), ({ kid, ...more }, { verifyOnlyKeys }, now) =>
      verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey(kid, more), now),
    ),
    change(kid, (kid, { verifyOnlyKeys }, now) => verifyOnlyKeys.revokeVerifyOnlyKey(kid, now)),
    change(kids, (kids, { verifyOnlyKeys }, now) => verifyOnlyKeys.removeVerifyOnlyKeys(kids, now)),
  ),
  { minLength: 1, maxLength: 25 },
);

/** Makes the change, and says all that can be seen of it. The order of what happens at the same moment is of no interest. */
async function outcomeOf(stores: KeyStores, { make }: Change, now: Occasion) {
  let result: unknown;
  const recorded = await recordedBy(stores, async () => {
    result = await make(stores, now);
  });
  return {
    result,
    recorded: recorded.map((each) => JSON.stringify(each)).sort(),
    keys: await stores.keys.listKeys(),
    verifyOnly: (await stores.verifyOnlyKeys.listVerifyOnlyKeys()).sort((one, two) => (one.kid < two.kid ? -1 : 1)),
  };
}

describe('the stores of keys', () => {
  it('are the same in the database and in memory, whatever is done to them in whatever order', async () => {
    const url = await newUrl();
    const real = await makers['the database'](url);
    const connection = await connectTo(url);
    await fc.assert(
      fc.asyncProperty(changes, async (many) => {
        for (const table of ['signing_keys', 'verify_only_keys', 'revoked_keys', 'audit_events'])
          await connection.all(`delete from ${table}`);
        const model = await makers.memory();
        for (const [at, each] of many.entries()) {
          const now = occasion(1 + (at % 6));
          const expected = await outcomeOf(model, each, now);
          expect({ told: each.told, ...(await outcomeOf(real, each, now)) }).toEqual({ told: each.told, ...expected });
        }
      }),
      { numRuns: cases(25) },
    );
  });
});
