import { generateKeyPair, exportJWK } from 'jose';
import type { Cause } from '../../../src/audit/event.ts';
import { CorruptSealedKey } from '../../../src/keys/errors.ts';
import type { KeyOffice } from '../../../src/keys/changes/key-office.ts';
import { Keyring } from '../../../src/keys/keyring/keyring.ts';
import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import { revokeKey, type RevocationOutcome } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys, type RotationOutcome } from '../../../src/keys/changes/rotation.ts';
import type { StepDependencies } from '../../../src/keys/keyring/step.ts';
import { MemoryKeyStore, type KeyTable } from '../../support/memory-key-store.ts';
import { fakeKey, policy as defaultPolicy } from '../../support/keys/fake-keys.ts';
import { fakeMacs } from '../../support/keys/fake-macs.ts';

/** A clock that stands still until the test moves it. */
export type Time = { now: number };

export const byScript: Cause = { actor: { kind: 'script', name: 'operator' }, reason: null };

// One real pair serves all keys of these tests under different kids: making one each would take seconds.
const pair = await generateKeyPair('RS256');
const publicJwk = await exportJWK(pair.publicKey);
let made = 0;

/** One process of the server: its own view and clock over a table that it shares with others. */
export class Replica {
  readonly keyring: Keyring;
  readonly events: [event: string, detail: Readonly<Record<string, unknown>>][] = [];
  readonly step: StepDependencies;
  /** How many times the store was asked for the keys. */
  reads = 0;
  isStoreDown = false;

  constructor(
    table: KeyTable,
    time: Time,
    { policy = defaultPolicy, skew = 0, pause = () => Promise.resolve() }: Partial<ReplicaOptions> = {},
  ) {
    const store = new MemoryKeyStore({
      table,
      pause: async () => {
        if (this.isStoreDown) throw new Error('connection refused');
        await pause();
      },
    });
    const { listKeys } = store;
    store.listKeys = () => {
      this.reads += 1;
      return listKeys();
    };
    this.step = {
      store,
      verifyOnly: store,
      actor: { kind: 'schedule' },
      isServer: true,
      policy,
      clock: () => time.now + skew,
      generateKey: async () => {
        await pause();
        made += 1;
        return { ...fakeKey(`key-${made}`), publicJwk };
      },
      openPrivateKey: async ({ kid, sealedPrivateKey }) => {
        if (sealedPrivateKey !== `sealed ${kid}`)
          throw new CorruptSealedKey(`The sealed private key of ${kid} is corrupt`);
        return { privateKey: pair.privateKey, isMacMade: true };
      },
      macs: fakeMacs,
      log: (event, detail) => this.events.push([event, detail]),
    };
    this.keyring = new Keyring(this.step);
  }

  get office(): KeyOffice {
    return { ...this.step, keyring: this.keyring, seal: async (kid) => `sealed ${kid}` };
  }

  rotate(force = false): Promise<RotationOutcome> {
    return rotateKeys({ ...this.step, keyring: this.keyring }, { force, cause: byScript });
  }

  revoke(kid: string): Promise<RevocationOutcome> {
    return revokeKey(this.office, kid, byScript);
  }

  get publishedKids(): (string | undefined)[] {
    return this.keyring.jwks.body.keys.map(({ kid }) => kid);
  }

  async signerKid(): Promise<string> {
    return (await this.keyring.signer()).kid;
  }
}

type ReplicaOptions = { policy: KeyPolicy; skew: number; pause: () => Promise<void> };
