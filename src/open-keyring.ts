import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { loadKeyEncryptionKey } from './keys/key-encryption-key.ts';
import { Keyring } from './keys/keyring.ts';
import { generateKeysUnder, openKeysUnder } from './keys/signing-key.ts';
import type { KeyStore } from './keys/store.ts';

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
