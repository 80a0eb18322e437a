import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { macMadeUnder } from '../../../src/keys/sealing/facts-mac.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { type FakeClock, fakeClock } from '../../support/clock.ts';
import { newDatabase, rowsOf } from '../../support/database.ts';
import { buildVersion, newEmptyUrl } from '../../support/database/versions.ts';
import { byTest } from '../../support/installed-data.ts';
import { expectAllVerify, openKeyReplica, replicaSettings, signToken } from '../../support/keys/key-replicas.ts';
import { type ReplicaBefore, startReplicaBefore } from '../../support/keys/version-before.ts';
import fc from '../../support/property.ts';

const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 1).toString('base64');
const { keyPolicy: policy } = readConfig({ DATABASE_URL: 'sqlite:unused', KEY_ENCRYPTION_KEY, ...replicaSettings });

/**
 * A database as the version before has used it, and a replica of that version that goes on: a key that retires, without its private
 * part, one that signs, a standby, and one of another issuer whose kid is no thumbprint.
 */
async function deploy(): Promise<{ url: string; clock: FakeClock; before: ReplicaBefore }> {
  const [url, clock] = [await newEmptyUrl(), fakeClock()];
  await buildVersion(url, '004-replicas');
  const before = await startReplicaBefore(url, { clock, policy, keks: [KEY_ENCRYPTION_KEY] });
  const { publicKey } = await generateKeyPair('ES256');
  await before.importVerifyOnly({ kid: 'theirs', publicJwk: await exportJWK(publicKey) }, 86_400);
  return { url, clock, before };
}

const openThis = (url: string, clock: FakeClock) => openKeyReplica(url, clock, { KEY_ENCRYPTION_KEY });
const kidsOf = ({ keyring }: Pick<ReplicaBefore, 'keyring'>) => keyring.jwks.body.keys.map(({ kid }) => kid);

/** Twice: what the last one does, the first has heard of, too. */
async function refreshAll(replicas: readonly Pick<ReplicaBefore, 'keyring'>[]): Promise<void> {
  for (const { keyring } of [...replicas, ...replicas]) await keyring.refresh();
}

const macsIn = async (url: string) =>
  [...(await rowsOf(url, 'signing_keys')), ...(await rowsOf(url, 'verify_only_keys'))].map((row) => row['facts_mac']);

describe('this version beside the one before', () => {
  it('publishes what that one does from its first start on, and no token fails, whoever rotates', async () => {
    const { url, clock, before } = await deploy();
    const tokens = [await signToken(before, clock)];
    await before.rotate();
    tokens.push(await signToken(before, clock));
    clock.advance(60);
    await before.keyring.refresh();
    const parts = (await rowsOf(url, 'signing_keys')).map((row) => row['sealed_private_key']);
    expect(parts.filter((part) => part === null)).toHaveLength(1);

    // The schema first, while nothing but the version before runs.
    await (await newDatabase(url)).close();
    await before.rotate();
    tokens.push(await signToken(before, clock));

    const one = await openThis(url, clock);
    const all = [before, one];
    expect(kidsOf(one)).toEqual(kidsOf(before));
    expect(kidsOf(one)).toContain('theirs');
    expect(one.log.filter((line) => line.includes('facts-adopted'))).toHaveLength(1);
    expect(await macsIn(url)).not.toContain(null);
    await expectAllVerify(all, tokens, clock);

    for (const replica of [before, one, before, one, before]) {
      await replica.rotate();
      for (const each of all) tokens.push(await signToken(each, clock));
      await expectAllVerify(all, tokens, clock);
      clock.advance(20);
      await refreshAll(all);
      await expectAllVerify(all, tokens, clock);
      expect(kidsOf(one)).toEqual(kidsOf(before));
    }
    // A second one of this version, and the last of the one before is gone.
    const another = await openThis(url, clock);
    await expectAllVerify([...all, another], tokens, clock);
    expect(await macsIn(url)).not.toContain(null);
    for (const { log } of [one, another]) expect(log.join()).not.toMatch(/key-(rejected|waiting|unreadable)/);
    expect(another.log.join()).not.toContain('facts-adopted');
    expect(before.events).not.toContain('key-unreadable');
  });

  it('revokes what that one has made, and the other way round', async () => {
    const { url, clock, before } = await deploy();
    const one = await openThis(url, clock);
    const made = await before.rotate();
    await before.keyring.refresh();
    await one.keyring.lookAgain();
    expect(await revokeKey(one, made, byTest)).toMatchObject({ kind: 'revoked' });
    await before.keyring.refresh();
    expect(kidsOf(before)).not.toContain(made);
    const ours = await one.rotate();
    await before.revoke(ours);
    await one.keyring.lookAgain();
    expect(kidsOf(one)).not.toContain(ours);
    expect(kidsOf(one)).toEqual(kidsOf(before));
    await expectAllVerify([before, one], [await signToken(before, clock), await signToken(one, clock)], clock);
    expect(one.log.join()).not.toContain('key-rejected');
  });

  it('goes on beside one that forgets keys that were revoked long ago, whoever revoked them', async () => {
    const { url, clock, before } = await deploy();
    const one = await openThis(url, clock);
    const revoked = [await before.rotate(), await one.rotate()];
    await refreshAll([before, one]);
    for (const kid of revoked) {
      await before.revoke(kid);
      await one.keyring.lookAgain();
    }
    const listed = async () => (await rowsOf(url, 'signing_keys')).map((row) => row['kid']);
    expect(await listed()).toEqual(expect.arrayContaining(revoked));
    clock.advance(91 * 86_400);
    // Older ones leave the set first.
    for (let count = 0; count < 5; count += 1) {
      await refreshAll([before, one]);
      clock.advance(60);
    }
    for (const kid of revoked) expect(await listed()).not.toContain(kid);
    const tokens = [await signToken(before, clock), await signToken(one, clock)];
    for (const replica of [before, one, before, one]) {
      await replica.rotate();
      await refreshAll([before, one]);
      for (const each of [before, one]) tokens.push(await signToken(each, clock));
      await expectAllVerify([before, one], tokens, clock);
      expect(kidsOf(one)).toEqual(kidsOf(before));
    }
    for (const kid of revoked) expect(await revokeKey(one, kid, byTest)).toMatchObject({ isNew: false });
  });

  it('verifies every token of both, whatever both do to the keys in whatever order', async () => {
    const step = fc.record({
      doing: fc.constantFrom('rotate', 'rotate', 'wait', 'restart', 'revoke'),
      by: fc.constantFrom('before', 'this'),
      seconds: fc.integer({ min: 1, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 6 }), async (steps) => {
        const { url, clock, before } = await deploy();
        let one = await openThis(url, clock);
        let tokens = [await signToken(before, clock), await signToken(one, clock)];
        for (const { doing, by, seconds } of steps) {
          const replica = by === 'before' ? before : one;
          if (doing === 'rotate') await replica.rotate();
          if (doing === 'restart') one = await openThis(url, clock);
          if (doing === 'wait') clock.advance(seconds);
          if (doing === 'revoke') {
            await replica.keyring.lookAgain();
            const { kid } = await replica.keyring.signer();
            await (by === 'before' ? before.revoke(kid) : revokeKey(one, kid, byTest));
            tokens = tokens.filter((token) => token.kid !== kid);
          }
          await refreshAll([before, one]);
          for (const each of [before, one]) tokens.push(await signToken(each, clock));
          await expectAllVerify([before, one], tokens, clock);
          expect(kidsOf(one)).toEqual(kidsOf(before));
        }
        expect(one.log.join()).not.toMatch(/key-(rejected|waiting|unreadable)/);
        for (const mac of await macsIn(url)) expect(macMadeUnder(String(mac))).not.toBeNull();
      }),
      { numRuns: 6 },
    );
  });

  it('takes no key of another issuer that has no MAC, once it has started', async () => {
    const { url, clock, before } = await deploy();
    const one = await openThis(url, clock);
    const { publicKey } = await generateKeyPair('ES256');
    await before.importVerifyOnly({ kid: 'too-late', publicJwk: await exportJWK(publicKey) }, 86_400);
    for (const replica of [one, await openThis(url, clock)]) {
      await replica.keyring.refresh();
      expect(kidsOf(replica)).not.toContain('too-late');
      expect(replica.log.join()).toContain('key-rejected');
    }
  });
});
