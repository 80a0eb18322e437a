import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { KeyEncryptionKeyError, WrongKeyEncryptionKey } from './keys/errors.ts';
import { loadKeyEncryptionKey } from './keys/key-encryption-key.ts';
import { Keyring } from './keys/keyring.ts';
import { findCorrupt, openPrivateKeys } from './keys/opened-keys.ts';
import { generateKeysUnder, openKeysUnder } from './keys/signing-key.ts';
import type { KeyRecord, KeyStore } from './keys/store.ts';

/**
 * The keyring over a database, brought up to date: what the server and the command line both begin with. The first call
 * for a new database makes the key-encryption key, if there is none, and the first two signing keys.
 */
export async function openKeyring(config: Config, deps: { store: KeyStore; clock: Clock; log: Logger }) {
  const { store, clock, log } = deps;
  const { keyPolicy: policy, keysDir, keyEncryptionKey: fromEnvironment } = config;
  const sealedKeysExist = (await store.listKeys()).some((key) => key.sealedPrivateKey !== null);
  const kek = await loadKeyEncryptionKey({ keysDir, fromEnvironment, sealedKeysExist });

  let isStarted = false;
  const generateKey = generateKeysUnder(kek);
  const keyring = new Keyring({
    store,
    clock,
    policy,
    generateKey,
    openPrivateKey: openKeysUnder(kek),
    log: (event, { error, ...detail }) => {
      if (error !== undefined) log.error({ err: error, ...detail }, event);
      else log[isStarted ? 'info' : 'debug'](detail, event);
    },
  });
  await keyring.refresh();
  isStarted = true;
  return { keyring, store, clock, policy, generateKey };
}

/**
 * Looks which private parts are corrupt, and changes nothing: for a command that only shows the keys. Where the
 * key-encryption key is missing, or is another than they are sealed under, `fault` says so.
 */
export async function findUnreadable(
  { keysDir, keyEncryptionKey: fromEnvironment }: Pick<Config, 'keysDir' | 'keyEncryptionKey'>,
  keys: readonly KeyRecord[],
): Promise<{ unreadable: ReadonlySet<string>; fault: string | null }> {
  if (keys.every((key) => key.sealedPrivateKey === null)) return { unreadable: new Set(), fault: null };
  try {
    const kek = await loadKeyEncryptionKey({ keysDir, fromEnvironment, sealedKeysExist: true });
    const opened = await openPrivateKeys(keys, new Map(), openKeysUnder(kek));
    const wrong = [...opened.values()].find(({ fault }) => fault instanceof WrongKeyEncryptionKey);
    return { unreadable: findCorrupt(opened), fault: wrong?.fault?.message ?? null };
  } catch (error) {
    if (error instanceof KeyEncryptionKeyError) return { unreadable: new Set(), fault: error.message };
    throw error;
  }
}
