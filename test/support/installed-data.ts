/** What an installation holds in its database, seen past the servers and commands that run on it. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { pino } from 'pino';
import type { Cause } from '../../src/audit/event.ts';
import { clientRegistrar } from '../../src/clients/registration.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config/config.ts';
import { addMac, createFactsMacs } from '../../src/keys/sealing/facts-mac.ts';
import { loadKeyEncryptionKeys } from '../../src/keys/sealing/key-encryption-key.ts';
import type { KeyOffice } from '../../src/keys/changes/key-office.ts';
import { sealPrivateKey, unsealPrivateKey } from '../../src/keys/sealing/seal.ts';
import type { MacChange } from '../../src/keys/store.ts';
import { openKeyring, sourceOf } from '../../src/server/open-keyring.ts';
import type { ClientCredentials } from './jwks.ts';
import type { Installation } from './installation.ts';
import { openPatiently } from './database/open-patiently.ts';

type Row = Readonly<Record<string, unknown>>;

/** Runs one statement; returns the rows that it selects. */
export function query<R = Row>({ environment }: Installation, statement: string, ...values: SQLInputValue[]): R[] {
  const database = new DatabaseSync(environment['DATABASE_URL']?.slice('sqlite:'.length) ?? '', { timeout: 5_000 });
  try {
    return database.prepare(statement).all(...values) as R[];
  } finally {
    database.close();
  }
}

/** Every row of every table. */
export function dump(installation: Installation): Record<string, Row[]> {
  const tables = query<{ name: string }>(installation, "select name from sqlite_master where type = 'table'");
  return Object.fromEntries(tables.map(({ name }) => [name, query(installation, `select * from "${name}"`)]));
}

/** Kids in order of succession. */
export function storedKids(installation: Installation): string[] {
  return query<{ kid: string }>(installation, 'select kid from signing_keys order by place').map(({ kid }) => kid);
}

/** Makes the private part of a key one that nobody can open. */
export function damage(installation: Installation, kid: string, sealed = 'v1.damaged'): void {
  query(installation, 'update signing_keys set sealed_private_key = ? where kid = ?', sealed, kid);
}

/** Makes the rows what the version before wrote, which knew of no MAC. */
export async function forgetMacs(installation: Installation): Promise<void> {
  const config = readConfig(installation.environment);
  const keks = await loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
  query(installation, 'update verify_only_keys set facts_mac = null');
  const rows = query<{ kid: string; sealed: string | null }>(
    installation,
    'select kid, sealed_private_key as sealed from signing_keys',
  );
  for (const { kid, sealed } of rows) forgetMac(installation, keks, kid, sealed);
}

/** Makes one row what a replica of the version before writes beside. */
export async function forgetMacOf(installation: Installation, kid: string): Promise<void> {
  const config = readConfig(installation.environment);
  const keks = await loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
  const statement = 'select sealed_private_key as sealed from signing_keys where kid = ?';
  const [row] = query<{ sealed: string | null }>(installation, statement, kid);
  forgetMac(installation, keks, kid, row?.sealed ?? null);
}

function forgetMac(
  installation: Installation,
  keks: Awaited<ReturnType<typeof loadKeyEncryptionKeys>>,
  kid: string,
  sealed: string | null,
): void {
  const resealed = sealed === null ? null : sealPrivateKey(keks[0], kid, unsealPrivateKey(keks, kid, sealed).trimEnd());
  const update = 'update signing_keys set facts_mac = null, sealed_private_key = ? where kid = ?';
  query(installation, update, resealed, kid);
}

/** Gives every row the MAC of the facts that it has now, as if a server had written them. */
export async function authenticateAll(installation: Pick<Installation, 'environment'>): Promise<void> {
  const config = readConfig(installation.environment);
  const macs = createFactsMacs(() => loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true }));
  const database = await openPatiently(config.databaseUrl);
  const changes: MacChange[] = [];
  for (const key of await database.keys.listKeys()) {
    const { kid, factsMac: from } = key;
    const { factsMac: to } = await addMac(key, macs);
    changes.push({ of: 'signing', kid, from, to: to ?? '', resealed: null });
  }
  await database.keys.writeMacs(changes);
  await database.close();
}

export async function addClient({ environment }: Installation, scope: string): Promise<ClientCredentials> {
  const database = await openPatiently(environment['DATABASE_URL'] ?? '');
  try {
    const limits = { audience: 'https://unused.example.com', accessTokenLifetime: 1, loopbackJwksUri: false };
    const register = clientRegistrar({ store: database.clients, clock: systemClock, limits });
    const outcome = await register({ name: 'a service', scope }, { cause: byTest, scope: null });
    if (outcome.kind !== 'registered') throw new Error(JSON.stringify(outcome));
    return { client_id: outcome.client.id, client_secret: outcome.secret ?? '' };
  } finally {
    await database.close();
  }
}

export const byTest: Cause = { actor: { kind: 'script', name: 'test' }, reason: null };

/** What a command does to the keys, without a process for it. */
export async function changeKeys<T>(
  { environment }: Installation,
  work: (office: KeyOffice) => Promise<T>,
): Promise<T> {
  const config = readConfig(environment);
  const database = await openPatiently(config.databaseUrl);
  try {
    const log = pino({ level: 'silent' });
    return await work(
      await openKeyring(config, { stores: database, clock: systemClock, log, actor: byTest.actor, isServer: false }),
    );
  } finally {
    await database.close();
  }
}
