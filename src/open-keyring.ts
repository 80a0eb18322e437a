import type { Logger } from 'pino';
import type { Actor } from './audit/event.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { KeyEncryptionKeyError, WrongKeyEncryptionKey } from './keys/errors.ts';
import { type KeyEncryptionKeySource, loadKeyEncryptionKey, loadKeyEncryptionKeys } from './keys/key-encryption-key.ts';
import type { KeyOffice } from './keys/key-office.ts';
import { Keyring } from './keys/keyring.ts';
import { findCorrupt, openPrivateKeys } from './keys/opened-keys.ts';
import { sealPrivateKey } from './keys/seal.ts';
import { type GenerateKeyPair, keyGenerator, keyOpener, type SealPrivateKey } from './keys/signing-key.ts';
import type { KeyRecord, KeyStore } from './keys/store.ts';
import type { VerifyOnlyKeyStore } from './keys/verify-only.ts';

/**
 * The keyring over a database, brought up to date: what the server and the command line both begin with. The first call
 * for a new database makes the key-encryption key, if there is none, and the first two signing keys. Tests hand in pairs.
 */
export async function openKeyring(
  config: Pick<Config, 'keyPolicy' | 'modulusBits' | KeyEncryptionSettings>,
  deps: { stores: KeyStores; clock: Clock; log: Logger; actor: Actor; generateKeyPair?: GenerateKeyPair },
): Promise<KeyOffice> {
  const { stores, clock, log, actor } = deps;
  const { keyPolicy: policy, modulusBits } = config;
  const { keys: store, verifyOnlyKeys: verifyOnly } = stores;
  const source = sourceOf(config);
  const sealedKeysExist = (await store.listKeys()).some((key) => key.sealedPrivateKey !== null);
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
  const seal: SealPrivateKey = async (kid, privateKey) => sealPrivateKey((await load())[0], kid, privateKey);
  const generateKey = keyGenerator(seal, kind, deps.generateKeyPair);
  const keyring = new Keyring({
    store,
    verifyOnly,
    clock,
    policy,
    generateKey,
    openPrivateKey: keyOpener(load),
    actor,
    log: (event, { error, ...detail }) => {
      if (error !== undefined) log.error({ err: error, ...detail }, event);
      else if (event === 'key-unreadable') log.warn(detail, event);
      else log[isStarted ? 'info' : 'debug'](detail, event);
    },
  });
  await keyring.refresh();
  isStarted = true;
  return { keyring, store, verifyOnly, clock, policy, generateKey, seal };
}

/** Where the settings say that key-encryption keys are. */
export function sourceOf(config: Pick<Config, KeyEncryptionSettings>): KeyEncryptionKeySource {
  return {
    keysDir: config.keysDir,
    fromEnvironment: config.keyEncryptionKey,
    previousFromEnvironment: config.previousKeyEncryptionKey,
  };
}

type KeyEncryptionSettings = 'keysDir' | 'keyEncryptionKey' | 'previousKeyEncryptionKey';

type KeyStores = { readonly keys: KeyStore; readonly verifyOnlyKeys: VerifyOnlyKeyStore };

/**
 * Looks which private parts are corrupt, and changes nothing: for a command that only shows the keys. Where the
 * key-encryption key is missing, or is another than they are sealed under, `fault` says so.
 */
export async function findUnreadable(
  config: Pick<Config, KeyEncryptionSettings>,
  keys: readonly KeyRecord[],
): Promise<{ unreadable: ReadonlySet<string>; fault: string | null }> {
  if (keys.every((key) => key.sealedPrivateKey === null)) return { unreadable: new Set(), fault: null };
  try {
    const keks = await loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
    const opened = await openPrivateKeys(
      keys,
      new Map(),
      keyOpener(async () => keks),
    );
    const wrong = [...opened.values()].find(({ fault }) => fault instanceof WrongKeyEncryptionKey);
    return { unreadable: findCorrupt(opened), fault: wrong?.fault?.message ?? null };
  } catch (error) {
    if (error instanceof KeyEncryptionKeyError) return { unreadable: new Set(), fault: error.message };
    throw error;
  }
}
