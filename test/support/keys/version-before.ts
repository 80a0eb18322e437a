/**
 * A replica of the version before (0.1), as far as its keys are concerned: it knows of no MAC, writes none, and believes every row. It
 * writes new rows by the statements of that version, and does everything else as it did: by code that has not changed.
 */
import type { CryptoKey, JWK } from 'jose';
import { importPKCS8 } from 'jose';
import type { Clock } from '../../../src/clock.ts';
import { signingKeyOf, verifyOnlyKeyOf } from '../../../src/database/stores/key-row.ts';
import type { SigningKeyRow, VerifyOnlyKeyRow } from '../../../src/database/schema.ts';
import { createStores } from '../../../src/database/stores/stores.ts';
import type { FactsMacs } from '../../../src/keys/sealing/facts-mac.ts';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { Keyring } from '../../../src/keys/keyring/keyring.ts';
import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { sealPrivateKey, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { keyGenerator } from '../../../src/keys/sealing/signing-key.ts';
import { FIRST, type KeyRecord, type KeyStore } from '../../../src/keys/store.ts';
import type { VerifyOnlyKeyStore } from '../../../src/keys/verify-only.ts';
import { connectTo } from '../database.ts';
import { openEngine } from '../database/versions.ts';
import { byTest } from '../installed-data.ts';

export type ReplicaBefore = {
  readonly keyring: Keyring;
  /** By force. */
  rotate(): Promise<string>;
  revoke(kid: string): Promise<void>;
  /** What `keys import` of that version did. */
  importVerifyOnly(key: { kid: string; publicJwk: JWK }, publishFor: number): Promise<void>;
  /** What it has logged, event by event. */
  readonly events: string[];
};

const insertKey = `insert into signing_keys
  (kid, succeeds, alg, published_at, activates_at, took_over_at, revoked_at, tokens_expire_at, public_jwk, sealed_private_key, destroyed_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const insertVerifyOnly = `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until, revoked_at)
  values (?, ?, ?, ?, ?, ?)`;

/** Whatever is said of a row: it looks at none of it. */
const believing: FactsMacs = {
  make: async () => 'none',
  check: async (claims) => claims.map(() => ({ kind: 'valid' })),
  idsAtHand: async () => '',
  makeWithSeal: () => Promise.reject(new Error('that version seals no facts')),
};

/** Begins as it finds the database, which is brought up to date by nobody. Makes keys of ES256. */
export async function startReplicaBefore(
  url: string,
  { clock, policy, keks }: { clock: Clock; policy: KeyPolicy; keks: readonly [string, ...string[]] },
): Promise<ReplicaBefore> {
  const connection = await connectTo(url);
  const { keys, verifyOnlyKeys } = createStores(await openEngine(url));
  const [sealing, ...others] = keks.map((text) => parseKeyEncryptionKey(text, 'the version before'));
  if (sealing === undefined) throw new Error('no key-encryption key');

  async function readRows(statement: string) {
    const rows = await connection.all(statement);
    return rows.map((row) => {
      const values = Object.entries(row).map(([name, value]) => [
        name,
        value === null ? null : String(value as string | number),
      ]);
      return { ...(Object.fromEntries(values) as SigningKeyRow & VerifyOnlyKeyRow), facts_mac: 'none' };
    });
  }

  async function listKeys(): Promise<KeyRecord[]> {
    return (await readRows('select * from signing_keys order by place')).map((row) => signingKeyOf(row));
  }

  async function insert(key: KeyRecord): Promise<boolean> {
    if (((await listKeys()).at(-1)?.kid ?? FIRST) !== key.succeeds) return false;
    await connection.all(
      insertKey,
      ...[key.kid, key.succeeds, key.alg, key.publishedAt, key.activatesAt, key.tookOverAt, key.revokedAt],
      ...[key.tokensExpireAt, JSON.stringify(key.publicJwk), key.sealedPrivateKey, key.destroyedAt],
    );
    return true;
  }

  const store: KeyStore = {
    ...keys,
    listKeys,
    insertKey: insert,
    async revokeKey(kid, { promote, spare }, occasion) {
      const isRevoked = await keys.revokeKey(kid, { promote, spare: null }, occasion);
      if (isRevoked && spare !== null) await insert(spare);
      return isRevoked;
    },
    writeMacs: () => Promise.reject(new Error('that version writes no MACs')),
    // It has no table of them.
    findForgotten: async () => null,
  };
  const verifyOnly: VerifyOnlyKeyStore = {
    ...verifyOnlyKeys,
    listVerifyOnlyKeys: async () =>
      (await readRows('select * from verify_only_keys order by published_at, kid')).map((row) => verifyOnlyKeyOf(row)),
  };
  const kind = { algorithm: policy.algorithm, modulusBits: 2048 } as const;
  const events: string[] = [];
  const step = {
    store,
    verifyOnly,
    clock,
    // What is revoked, it keeps for good.
    policy: { ...policy, keepRevoked: Infinity },
    actor: { kind: 'schedule' },
    isServer: true,
    macs: believing,
    generateKey: keyGenerator(async (kid, text) => sealPrivateKey(sealing, kid, text), kind),
    openPrivateKey: async (key: Pick<KeyRecord, 'kid' | 'alg'> & { sealedPrivateKey: string }) => ({
      privateKey: (await importPKCS8(
        unsealPrivateKey([sealing, ...others], key.kid, key.sealedPrivateKey),
        key.alg,
      )) satisfies CryptoKey,
      // It is not asked for a MAC.
      isMacMade: true,
    }),
    log: (event: string) => void events.push(event),
  } as const;
  const keyring = new Keyring(step);
  await keyring.refresh();
  const seal = () => Promise.reject(new Error('nothing is imported with its private part'));
  return {
    keyring,
    events,
    async rotate() {
      const outcome = await rotateKeys({ ...step, keyring }, { force: true, cause: byTest });
      if (outcome.kind !== 'rotated') throw new Error(outcome.kind);
      return outcome.kid;
    },
    async revoke(kid) {
      await revokeKey({ ...step, keyring, seal }, kid, byTest);
    },
    async importVerifyOnly({ kid, publicJwk }, publishFor) {
      const row = [kid, 'ES256', JSON.stringify(publicJwk), clock(), clock() + publishFor, null];
      await connection.all(insertVerifyOnly, ...row);
      await keyring.refresh();
    },
  };
}
