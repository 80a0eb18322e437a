import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { hashSecret } from '../secret.ts';
import { Unavailable } from '../unavailable.ts';
import type { Proof } from './credentials.ts';
import { type ClientSecret, type ClientStore, type ClientWithSecrets, hasSecrets, mostSecrets } from './store.ts';

/** Undefined when the secret is none of the client's. Takes the same work for any client, and for none. */
export type CheckSecret = (secret: string, found: ClientWithSecrets | undefined) => Promise<Proof | undefined>;

/** Seconds between two notes of the use of a secret. */
const noteEvery = 60;

/** Stands in where there is no secret: the hash of none. */
const nothing = '-'.repeat(hashSecret('').length);

/** Checks secrets, and puts on record when each was used last, to the minute. */
export function secretChecker({ store, clock }: { store: ClientStore; clock: Clock }): CheckSecret {
  /** When this process last tried to: a database that cannot be written is not asked for every request. */
  const triedAt = new LRUCache<string, number>({ max: 1000 });

  return async (secret, found) => {
    const presented = Buffer.from(hashSecret(secret));
    const secrets = found?.secrets ?? [];
    const matches = Array.from({ length: mostSecrets }, (_, at) =>
      timingSafeEqual(presented, Buffer.from(secrets[at]?.hash ?? nothing)),
    );
    const used = secrets[matches.indexOf(true)];
    if (found === undefined || used === undefined || !hasSecrets(found.client)) return undefined;
    await noteUse(used);
    return { credentialId: used.id };
  };

  async function noteUse({ id, lastUsedAt }: ClientSecret): Promise<void> {
    const now = clock();
    if (now - Math.max(lastUsedAt ?? -Infinity, triedAt.get(id) ?? -Infinity) < noteEvery) return;
    triedAt.set(id, now);
    try {
      await store.noteSecretUse(id, now);
    } catch (error) {
      // The note is for people to read: without it, the secret is no less right.
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}
