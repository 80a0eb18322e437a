import type { Clock } from '../../clock.ts';
import type { FactsMacs } from '../sealing/facts-mac.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KeyPolicy } from '../timeline/policy.ts';
import type { GenerateKey, SealPrivateKey } from '../sealing/signing-key.ts';
import type { KeyStore } from '../store.ts';
import type { VerifyOnlyKeyStore } from '../verify-only.ts';

/** All that it takes to change the keys: what the server's operations and the command line both work with. */
export type KeyOffice = {
  readonly keyring: Keyring;
  readonly store: KeyStore;
  readonly verifyOnly: VerifyOnlyKeyStore;
  readonly clock: Clock;
  readonly policy: KeyPolicy;
  readonly generateKey: GenerateKey;
  readonly seal: SealPrivateKey;
  readonly macs: FactsMacs;
};
