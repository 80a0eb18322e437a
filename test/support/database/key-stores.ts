/** The stores of keys, in the database of the project and in memory: one suite runs over both. */
import { expect } from 'vitest';
import type { Actor, AuditEvent, Occasion } from '../../../src/audit/event.ts';
import type { KeyRecord, KeyStore } from '../../../src/keys/store.ts';
import type { VerifyOnlyKeyStore } from '../../../src/keys/verify-only.ts';
import { newDatabase, newUrl } from '../database.ts';
import { occasion } from '../records.ts';
import { MemoryKeyStore } from '../memory-key-store.ts';

/** An event of a key as a store records it: its id is of no interest. */
export type Recorded = Omit<AuditEvent, 'id' | 'subject'> & { readonly subject: string };

type Process = { readonly keys: KeyStore; readonly verifyOnlyKeys: VerifyOnlyKeyStore };

export type KeyStores = Process & {
  /** The same keys from another connection, as another process has it. */
  readonly elsewhere: Process;
  /** All that was put on record, the oldest first. */
  events(): Promise<Recorded[]>;
};

export const makers = {
  'the database': async (url?: string): Promise<KeyStores> => {
    url ??= await newUrl();
    const database = await newDatabase(url);
    const events = async () => {
      // Nobody but the stores wrote them.
      const listed = await database.audit.listEvents({ before: null, limit: 1000 });
      return (listed ?? [])
        .map((each) =>
          event(each.type, each.subject ?? '', { ...each, at: each.at ?? NaN, actor: each.actor as Actor }),
        )
        .reverse();
    };
    return { ...database, elsewhere: await newDatabase(url), events };
  },
  memory: async (): Promise<KeyStores> => {
    const store = new MemoryKeyStore();
    const process = { keys: store, verifyOnlyKeys: store };
    return {
      ...process,
      elsewhere: process,
      events: async () => store.table.events.map((each) => event(each.type, each.subject, each)),
    };
  },
};

/** When the keys that a test begins with were inserted. */
export const before = occasion(900);

export async function insertAll(stores: Process, keys: readonly KeyRecord[]): Promise<void> {
  for (const key of keys) expect(await stores.keys.insertKey(key, 'key.created', before)).toBe(true);
}

export function event(
  type: Recorded['type'],
  subject: string,
  { at, actor, reason, address = null, detail = null }: Occasion,
): Recorded {
  return { type, subject, at, actor, reason, address, detail };
}

/** What is put on record while `work` is done. */
export async function recordedBy(stores: KeyStores, work: () => Promise<unknown>): Promise<Recorded[]> {
  const earlier = await stores.events();
  await work();
  const now = await stores.events();
  expect(now.slice(0, earlier.length)).toEqual(earlier);
  return now.slice(earlier.length);
}

/** Asks `count` times at once, every second time from another connection; the results in the order of asking. */
export function atOnce<Result>(
  stores: KeyStores,
  count: number,
  ask: (process: Process, at: number) => Promise<Result>,
): Promise<Result[]> {
  const asked = Array.from({ length: count }, (_, at) => ask(at % 2 === 0 ? stores : stores.elsewhere, at));
  return Promise.all(asked);
}
