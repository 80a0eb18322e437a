import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { macMadeUnder } from '../../../src/keys/sealing/facts-mac.ts';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import {
  addKeyEncryptionKey,
  loadKeyEncryptionKeys,
  parseKeyEncryptionKey,
  removeOlderKeyFiles,
} from '../../../src/keys/sealing/key-encryption-key.ts';
import { type RewrapOutcome, rewrapKeys } from '../../../src/keys/changes/rewrap.ts';
import { sourceOf } from '../../../src/server/open-keyring.ts';
import { type FakeClock, fakeClock } from '../../support/clock.ts';
import { newDatabase, newUrl, rowsOf } from '../../support/database.ts';
import { byTest } from '../../support/installed-data.ts';
import {
  expectAllVerify,
  type KeyReplica,
  openKeyReplica,
  type SignedToken,
  signToken,
} from '../../support/keys/key-replicas.ts';

type Environment = Record<string, string>;

/** Two servers, and the tokens that they have signed so far. */
type Site = { readonly url: string; readonly clock: FakeClock; replicas: KeyReplica[]; readonly tokens: SignedToken[] };

/** With a key that retires and has no private part, and one of another issuer. */
async function startSite(environment: Environment): Promise<Site> {
  const [url, clock] = [await newUrl(), fakeClock()];
  const one = await openKeyReplica(url, clock, environment);
  const site: Site = { url, clock, replicas: [one], tokens: [await signToken(one, clock)] };
  const { publicKey } = await generateKeyPair('ES256');
  const foreign = { kid: 'theirs', alg: 'ES256', publicJwk: await exportJWK(publicKey), privateKey: null } as const;
  expect(await importVerifyOnly(one, foreign, 86_400, byTest)).toMatchObject({ kind: 'verify-only' });
  await one.rotate();
  clock.advance(60);
  await one.keyring.refresh();
  expect((await rowsOf(url, 'signing_keys')).map((row) => row['sealed_private_key'] === null)).toContain(true);
  site.replicas.push(await openKeyReplica(url, clock, environment));
  return site;
}

/** Rotates at each, signs at each, and verifies everything at each. */
async function goOn({ replicas, tokens, clock }: Site): Promise<void> {
  for (const replica of replicas) {
    await replica.rotate();
    for (const each of replicas) tokens.push(await signToken(each, clock));
    await expectAllVerify(replicas, tokens, clock);
  }
  clock.advance(10);
  for (const { keyring } of [...replicas, ...replicas]) await keyring.refresh();
  await expectAllVerify(replicas, tokens, clock);
  const [one = [], another = []] = replicas.map(({ keyring }) => keyring.jwks.body.keys.map(({ kid }) => kid));
  expect(one).toEqual(another);
  expect(one).toContain('theirs');
  for (const { log } of replicas) expect(log.join()).not.toMatch(/key-(rejected|waiting|unreadable)|facts-adopted/);
}

async function restart(site: Site, place: number, environment: Environment): Promise<void> {
  site.replicas[place] = await openKeyReplica(site.url, site.clock, environment);
}

async function rewrap({ url, clock }: Site, environment: Environment): Promise<RewrapOutcome> {
  const { keys: store, verifyOnlyKeys: verifyOnly } = await newDatabase(url);
  const source = sourceOf(readConfig({ DATABASE_URL: url, ...environment }));
  return rewrapKeys(
    { store, verifyOnly, clock },
    () => loadKeyEncryptionKeys({ ...source, sealedKeysExist: true }),
    byTest,
  );
}

/** The key-encryption keys that MACs were made under. */
async function macsUnder({ url }: Site): Promise<Set<string | null>> {
  const rows = [...(await rowsOf(url, 'signing_keys')), ...(await rowsOf(url, 'verify_only_keys'))];
  return new Set(rows.map((row) => macMadeUnder(String(row['facts_mac']))));
}

describe('a new key-encryption key, with two servers and rotations at both all the while,', () => {
  it('comes from the environment, step by step, and no token fails', async () => {
    const [old, next] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
    const steps: Environment[] = [
      { KEY_ENCRYPTION_KEY: old, KEY_ENCRYPTION_KEY_PREVIOUS: next },
      { KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEY_PREVIOUS: old },
    ];
    const site = await startSite({ KEY_ENCRYPTION_KEY: old });
    await goOn(site);
    for (const environment of steps)
      for (const place of [0, 1]) {
        await restart(site, place, environment);
        await goOn(site);
      }
    const outcome = await rewrap(site, steps[1] ?? {});
    expect(outcome.renewed).toContain('theirs');
    expect(outcome).toMatchObject({ corrupt: [], rejected: [] });
    expect(await macsUnder(site)).toEqual(new Set([parseKeyEncryptionKey(next, 'the new one').id]));
    await goOn(site);
    for (const place of [0, 1]) {
      await restart(site, place, { KEY_ENCRYPTION_KEY: next });
      await goOn(site);
    }
  });

  it('comes as a file, and when the old one is discarded nothing needs it', async () => {
    const KEYS_DIR = await mkdtemp(join(tmpdir(), 'tessera-keys-'));
    onTestFinished(() => rm(KEYS_DIR, { recursive: true }));
    const site = await startSite({ KEYS_DIR });
    await goOn(site);
    const { sealing: old } = await rewrap(site, { KEYS_DIR });
    await addKeyEncryptionKey(KEYS_DIR, old);
    await goOn(site);
    expect((await rewrap(site, { KEYS_DIR })).renewed).toContain('theirs');
    await goOn(site);
    const { renewed, resealed, sealing } = await rewrap(site, { KEYS_DIR });
    expect({ renewed, resealed }).toEqual({ renewed: [], resealed: [] });
    expect(await removeOlderKeyFiles(KEYS_DIR, sealing)).toHaveLength(1);
    expect(await macsUnder(site)).toEqual(new Set([sealing.id]));
    expect(parseKeyEncryptionKey(await readFile(join(KEYS_DIR, 'key-encryption-key.2'), 'utf8'), 'it').id).toBe(
      sealing.id,
    );
    await goOn(site);
    for (const place of [0, 1]) {
      await restart(site, place, { KEYS_DIR });
      await goOn(site);
    }
  });
});

describe('a server that has only the old key-encryption key', () => {
  it('goes on with what it published, waits with what is new, and catches up when it has the new one', async () => {
    const [old, next] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
    const site = await startSite({ KEY_ENCRYPTION_KEY: old });
    await restart(site, 0, { KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEY_PREVIOUS: old });
    const [ahead, behind] = site.replicas;
    if (ahead === undefined || behind === undefined) throw new Error('no two servers');
    const kidsOf = ({ keyring }: KeyReplica) => keyring.jwks.body.keys.map(({ kid }) => kid);
    const before = kidsOf(behind);

    await ahead.rotate();
    await behind.keyring.refresh();
    const made = kidsOf(ahead).find((kid) => !before.includes(kid));
    expect(kidsOf(behind)).toEqual(expect.arrayContaining(before));
    expect(kidsOf(behind)).not.toContain(made);
    expect(behind.log.join()).toContain('key-waiting');
    for (const each of [ahead, behind]) site.tokens.push(await signToken(each, site.clock));
    await expectAllVerify(site.replicas, site.tokens, site.clock);

    await rewrap(site, { KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEY_PREVIOUS: old });
    await behind.keyring.refresh().catch(() => undefined);
    expect(kidsOf(behind)).toEqual(expect.arrayContaining(before));
    for (const each of [ahead, behind]) site.tokens.push(await signToken(each, site.clock));
    await expectAllVerify(site.replicas, site.tokens, site.clock);
    expect(behind.log.join()).not.toContain('key-rejected');

    await restart(site, 1, { KEY_ENCRYPTION_KEY: next });
    await goOn(site);
  });
});
