import type { Logger } from 'pino';
import type { Actor } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createFactsMacs } from '../keys/sealing/facts-mac.ts';
import {
  type KeyEncryptionKeySource,
  loadKeyEncryptionKey,
  loadKeyEncryptionKeys,
} from '../keys/sealing/key-encryption-key.ts';
import type { KeyOffice } from '../keys/changes/key-office.ts';
import { Keyring } from '../keys/keyring/keyring.ts';
import { markMacMade, sealPrivateKey } from '../keys/sealing/seal.ts';
import { type GenerateKeyPair, keyGenerator, keyOpener, type SealPrivateKey } from '../keys/sealing/signing-key.ts';
import type { KeyRecord, KeyStore } from '../keys/store.ts';
import type { VerifyOnlyKey, VerifyOnlyKeyStore } from '../keys/verify-only.ts';

/**
 * The keyring over a database, brought up to date: what the server and the command line both begin with. The first call
 * for a new database makes the key-encryption key, if there is none, and the first two signing keys. Tests hand in pairs.
 */
export async function openKeyring(
  config: Pick<Config, 'keyPolicy' | 'modulusBits' | KeyEncryptionSettings>,
  deps: {
    stores: KeyStores;
    clock: Clock;
    log: Logger;
    actor: Actor;
    isServer: boolean;
    generateKeyPair?: GenerateKeyPair;
  },
): Promise<KeyOffice> {
  const { stores, clock, log, actor, isServer } = deps;
  const { keyPolicy: policy, modulusBits } = config;
  const { keys: store, verifyOnlyKeys: verifyOnly } = stores;
  const source = sourceOf(config);
  const rows = [...(await store.listKeys()), ...(await verifyOnly.listVerifyOnlyKeys())];
  const sealedKeysExist = rows.some(isUnderKey);
  await loadKeyEncryptionKey({ ...source, sealedKeysExist });

  let isStarted = false;
  let keks = await loadKeyEncryptionKeys({ ...source, sealedKeysExist: true });
  /** A file that has come to be unusable since is no reason to stop: what was read before still seals and opens. */
  async function load(): Promise<typeof keks> {
    try {
      keks = await loadKeyEncryptionKeys({ ...source, sealedKeysExist: true });
    } catch (error) {
      log.error({ err: error }, 'key-encryption-key-unusable');
    }
    return keks;
  }
  const kind = { algorithm: policy.algorithm, modulusBits };
  const seal: SealPrivateKey = async (kid, privateKey) =>
    sealPrivateKey((await load())[0], kid, markMacMade(privateKey));
  const macs = createFactsMacs(load);
  const generateKey = keyGenerator(seal, kind, deps.generateKeyPair);
  const keyring = new Keyring({
    store,
    verifyOnly,
    clock,
    policy,
    generateKey,
    openPrivateKey: keyOpener(load),
    macs,
    actor,
    isServer,
    log: (event, { error, ...detail }) => {
      if (error !== undefined) log.error({ err: error, ...detail }, event);
      else if (event === 'key-rejected') log.error(detail, event);
      else if (warnings.has(event)) log.warn(detail, event);
      else log[isStarted ? 'info' : 'debug'](detail, event);
    },
  });
  await keyring.refresh();
  isStarted = true;
  return { keyring, store, verifyOnly, clock, policy, generateKey, seal, macs };
}

/** What is worth a look also as a server starts. */
const warnings: ReadonlySet<string> = new Set(['key-unreadable', 'key-waiting', 'facts-adopted']);

/** Whether a row has anything that one key-encryption key alone is good for. */
function isUnderKey(key: KeyRecord | VerifyOnlyKey): boolean {
  return key.factsMac !== null || ('succeeds' in key && key.sealedPrivateKey !== null);
}

/** Where the settings say that key-encryption keys are. */
export function sourceOf(config: Pick<Config, KeyEncryptionSettings>): KeyEncryptionKeySource {
  return {
    keysDir: config.keysDir,
    fromEnvironment: config.keyEncryptionKey,
    previousFromEnvironment: config.previousKeyEncryptionKey,
  };
}

export type KeyEncryptionSettings = 'keysDir' | 'keyEncryptionKey' | 'previousKeyEncryptionKey';

export type KeyStores = { readonly keys: KeyStore; readonly verifyOnlyKeys: VerifyOnlyKeyStore };
