import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { lookAtKeys } from '../../../src/server/look-at-keys.ts';
import { fakeClock } from '../../support/clock.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { byTest } from '../../support/installed-data.ts';
import { openKeyReplica, replicaSettings } from '../../support/keys/key-replicas.ts';
import { isPostgres } from '../../support/place.ts';
import fc, { cases } from '../../support/property.ts';

const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 1).toString('base64');

const moments = {
  signing_keys: ['published_at', 'activates_at', 'took_over_at', 'revoked_at', 'tokens_expire_at', 'destroyed_at'],
  verify_only_keys: ['published_at', 'published_until', 'revoked_at'],
};
const texts = {
  signing_keys: ['succeeds', 'alg', 'public_jwk', 'sealed_private_key', 'facts_mac'],
  verify_only_keys: ['alg', 'public_jwk', 'facts_mac'],
};

/** PostgreSQL has no text with a NUL in it, and no half of a character. */
const text = fc.string({ unit: 'binary', maxLength: 40 }).map((each) => each.toWellFormed().replaceAll('\0', ''));
const bigInteger = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const anything = fc.oneof(text, bigInteger, fc.double({ noNaN: true }), fc.uint8Array({ maxLength: 20 }));
/** What a JWK may say besides, or instead. */
const members = fc.dictionary(
  fc.constantFrom('key_ops', 'ext', 'use', 'alg', 'd', 'oth', 'k', 'x5c', 'kty', 'crv', 'x', 'y'),
  fc.oneof(fc.jsonValue(), fc.constantFrom(['sign'], 'enc', 'RSA', 'OKP', 'ES512', 'AQAB')),
  { minKeys: 1, maxKeys: 3 },
);

const change = fc.constantFrom('signing_keys' as const, 'verify_only_keys' as const).chain((table) =>
  fc.oneof(
    fc.record({ table: fc.constant(table), column: fc.constant('public_jwk'), value: members }),
    fc.record({ table: fc.constant(table), column: fc.constant('public_jwk'), value: fc.json() }),
    fc.record({
      table: fc.constant(table),
      column: fc.constantFrom(...texts[table]),
      value: isPostgres ? text : anything,
    }),
    fc.record({
      table: fc.constant(table),
      column: fc.constantFrom(...moments[table]),
      value: isPostgres ? bigInteger : anything,
    }),
  ),
);

describe('whatever is in one column of one row', () => {
  it('stops no refresh and no start; the other keys sign and verify, and a row that is not what a server wrote is named', async () => {
    const [url, clock] = [await newUrl(), fakeClock()];
    const environment = { KEY_ENCRYPTION_KEY };
    const server = await openKeyReplica(url, clock, environment);
    const { publicKey } = await generateKeyPair('ES256');
    const publicJwk = await exportJWK(publicKey);
    const theirs = { kid: await calculateJwkThumbprint(publicJwk), alg: 'ES256', publicJwk, privateKey: null } as const;
    await importVerifyOnly(server, theirs, 86_400, byTest);
    const connection = await connectTo(url);
    const config = readConfig({ DATABASE_URL: url, ...replicaSettings, ...environment });
    const stores = await newDatabase(url);
    const rows = {
      signing_keys: await connection.all('select * from signing_keys'),
      verify_only_keys: await connection.all('select * from verify_only_keys'),
    };
    async function putBack(): Promise<void> {
      for (const [table, all] of Object.entries(rows)) {
        await connection.all(`delete from ${table}`);
        for (const row of all) {
          const marks = Object.keys(row).map(() => '?');
          const insert = `insert into ${table} (${Object.keys(row).join(', ')}) values (${marks.join(', ')})`;
          await connection.all(insert, ...Object.values(row));
        }
      }
    }
    const published = () => server.keyring.jwks.body.keys;

    await fc.assert(
      fc.asyncProperty(change, fc.nat(1), async ({ table, column, value: drawn }, which) => {
        await putBack();
        await server.keyring.refresh();
        const before = published();
        const ours = server.keyring.plan.published.map(({ kid }) => kid);
        const kid = table === 'signing_keys' ? (ours[which] ?? '') : theirs.kid;
        const [row = {}] = await connection.all(`select * from ${table} where kid = ?`, kid);
        const isMore = typeof drawn === 'object' && !(drawn instanceof Uint8Array);
        const jwk = String(row['public_jwk']);
        const value = isMore ? JSON.stringify({ ...(JSON.parse(jwk) as object), ...drawn }) : drawn;
        await connection.all(`update ${table} set ${column} = ? where kid = ?`, value, kid);

        await server.keyring.refresh();
        const others = ours.filter((each) => each !== kid);
        for (const each of others) expect(await server.keyring.verificationKey(each, 'ES256')).toBeDefined();
        expect(await server.keyring.signer()).toMatchObject({ alg: 'ES256' });
        // Nothing else is published under the name of a key.
        for (const key of published().filter((each) => before.some((known) => known.kid === each.kid)))
          expect(before).toContainEqual(key);
        expect(published().map((key) => key.kid)).toEqual(expect.arrayContaining(others));
        const another = await openKeyReplica(url, clock, environment);
        expect(another.keyring.jwks.body.keys).toEqual(published());

        const { rejected, unreadable, waiting } = await lookAtKeys(config, stores, clock);
        const named = [...rejected.map((each) => each.kid), ...unreadable, ...waiting.map((each) => each.kid)];
        expect(named.filter((each) => each !== kid)).toEqual([]);
        const there = await connection.all(`select kid from ${table} where kid = ? and revoked_at is null`, kid);
        const isLeftOut = !published().some((key) => key.kid === kid) && there.length > 0;
        if (isLeftOut) expect(named).toContain(kid);
      }),
      { numRuns: cases(100) },
    );
  });
});
