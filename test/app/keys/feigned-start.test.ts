import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { rewrapKeys } from '../../../src/keys/changes/rewrap.ts';
import { sealPrivateKey, sealedUnder, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { fakeClock } from '../../support/clock.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { byTest } from '../../support/installed-data.ts';
import { openKeyReplica } from '../../support/keys/key-replicas.ts';

const [old, next] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
const [oldKey, nextKey] = [old, next].map((text) => parseKeyEncryptionKey(text, 'the test')) as [
  ReturnType<typeof parseKeyEncryptionKey>,
  ReturnType<typeof parseKeyEncryptionKey>,
];

/** A database that began with this version, and what somebody has copied of it as it was when a version before wrote it. */
async function breakIn() {
  const [url, clock] = [await newUrl(), fakeClock()];
  const server = await openKeyReplica(url, clock, { KEY_ENCRYPTION_KEY: old, KEY_ENCRYPTION_KEY_PREVIOUS: next });
  const database = await connectTo(url);
  const rows = await database.all('select * from signing_keys order by place');
  const copied = rows.map((row): Record<string, unknown> => {
    const [kid, part] = [String(row['kid']), String(row['sealed_private_key'])];
    const text = `${unsealPrivateKey([oldKey], kid, part).trimEnd()}\n`;
    return { ...row, facts_mac: null, sealed_private_key: sealPrivateKey(oldKey, kid, text) };
  });
  const { publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const theirs = { kid: await calculateJwkThumbprint(jwk), jwk: JSON.stringify(jwk) };

  async function plant(row: Record<string, unknown>): Promise<void> {
    const columns = ['kid', 'succeeds', 'alg', 'published_at', 'activates_at', 'public_jwk', 'sealed_private_key'];
    const statement = `insert into signing_keys (${columns.join(', ')}, facts_mac) values (?, ?, ?, ?, ?, ?, ?, ?)`;
    await database.all(statement, ...columns.map((column) => row[column] ?? null), row['facts_mac'] ?? null);
  }

  async function rewrap() {
    const { keys: store, verifyOnlyKeys: verifyOnly } = await newDatabase(url);
    return rewrapKeys({ store, verifyOnly, clock }, async () => [nextKey, oldKey], byTest);
  }
  return { url, clock, server, database, copied, theirs, plant, rewrap };
}

describe('a first start of this version', () => {
  it.each<[how: string, row: (jwk: string) => Record<string, unknown>]>([
    ['in a row without a MAC, beside another public key', (jwk) => ({ public_jwk: jwk })],
    ['in a row with a MAC of nobody', () => ({ facts_mac: `v1.${nextKey.id}.${'A'.repeat(43)}` })],
  ])(
    'cannot be feigned when the old key-encryption key is gone: no rewrap renews a private part %s [HOSTILE/key-row]',
    async (_, change) => {
      const { url, clock, server, database, copied, theirs, plant, rewrap } = await breakIn();
      const [, standby = {}] = copied;
      const kid = String(standby['kid']);
      await database.all('delete from signing_keys where kid = ?', kid);
      await server.keyring.refresh();
      await plant({ ...standby, succeeds: 'nothing', ...change(theirs.jwk) });
      await server.keyring.refresh();

      // Whoever runs it hears of the row.
      for (let run = 0; run < 2; run += 1) {
        const { withoutMac, rejected, resealed } = await rewrap();
        expect([...withoutMac, ...rejected]).toEqual([{ of: 'signing', kid }]);
        expect(resealed).not.toContain(kid);
      }
      const [row] = await database.all('select sealed_private_key from signing_keys where kid = ?', kid);
      expect(sealedUnder(String(row?.['sealed_private_key']))).toBe(oldKey.id);

      await database.all('delete from signing_keys');
      await plant({ ...standby, ...row, succeeds: '' });
      await plant({ ...standby, kid: theirs.kid, succeeds: kid, public_jwk: theirs.jwk, sealed_private_key: null });
      const start = openKeyReplica(url, clock, { KEY_ENCRYPTION_KEY: next });
      await expect(start).rejects.toThrow(oldKey.id);
      const macs = await database.all('select facts_mac from signing_keys');
      expect(macs.map((each) => each['facts_mac'])).toEqual([null, null]);
    },
  );

  it('leaves no private part that a rewrap could carry on as one from before', async () => {
    const { url, clock, copied, database, theirs, plant, rewrap } = await breakIn();
    const [signer = {}, standby = {}] = copied;
    // In the row that a server wrote, it is the right one.
    const update = 'update signing_keys set sealed_private_key = ? where kid = ?';
    await database.all(update, signer['sealed_private_key'], signer['kid']);
    await rewrap();
    const [row] = await database.all('select sealed_private_key from signing_keys where kid = ?', signer['kid']);
    expect(sealedUnder(String(row?.['sealed_private_key']))).toBe(nextKey.id);

    await database.all('delete from signing_keys');
    await plant({ ...signer, ...row, succeeds: '' });
    const jwk = { kid: theirs.kid, succeeds: signer['kid'], public_jwk: theirs.jwk };
    await plant({ ...standby, ...jwk, sealed_private_key: null });
    const server = await openKeyReplica(url, clock, { KEY_ENCRYPTION_KEY: next });
    expect(server.log.join()).not.toContain('facts-adopted');
    expect(server.keyring.jwks.body.keys.map((key) => key.kid)).not.toContain(theirs.kid);
  });
});
