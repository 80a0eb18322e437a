/**
 * A process that changes keys, and is killed over it. With `every-step` it goes through each change once for every step
 * of it, each time over an installation of its own, and there stops for good: killed then, it leaves each installation as
 * a kill at that step does. With `on-and-on` it rotates the keys of one installation for as long as it lives.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Kysely } from 'kysely';
import { pino } from 'pino';
import type { Cause } from '../../../src/audit/event.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Config } from '../../../src/config/config.ts';
import { keyStore } from '../../../src/database/stores/key-store.ts';
import { migrate } from '../../../src/database/migrations/migrate.ts';
import type { Tables } from '../../../src/database/schema.ts';
import { sqliteDialect } from '../../../src/database/sqlite/dialect.ts';
import { logTraces } from '../../../src/database/sqlite/traces.ts';
import { sqliteUpkeep } from '../../../src/database/sqlite/upkeep.ts';
import { verifyOnlyKeyStore } from '../../../src/database/stores/verify-only-key-store.ts';
import {
  addKeyEncryptionKey,
  loadKeyEncryptionKeys,
  removeOlderKeyFiles,
} from '../../../src/keys/sealing/key-encryption-key.ts';
import type { KeyOffice } from '../../../src/keys/changes/key-office.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rewrapKeys } from '../../../src/keys/changes/rewrap.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { openKeyring, sourceOf } from '../../../src/server/open-keyring.ts';
import { type Change, configFor, later } from './kill-changes.ts';
import { settings } from './race.ts';

/** Where a change stopped, and behind what. */
export type Stop = { readonly change: Change; readonly step: number; readonly behind: string; readonly folder: string };

const cause: Cause = { actor: { kind: 'script', name: 'operator' }, reason: null };

/** Called behind every step; resolves unless the work is to stop there. */
type Pass = (step: string) => Promise<void>;
const passes = new AsyncLocalStorage<Pass>();
const pass: Pass = async (step) => passes.getStore()?.(step);

/** Steps of the database: every statement that is no query, those around a transaction included. */
function openStores({ databaseUrl }: Config) {
  const log = async ({ query }: { query: { sql: string } }): Promise<void> => {
    if (!/^(select|with) /.test(query.sql)) await pass(query.sql);
  };
  const db = new Kysely<Tables>({ dialect: sqliteDialect(databaseUrl.slice('sqlite:'.length)), log });
  const engine = { db, upkeep: sqliteUpkeep, traces: logTraces(db), announceKeys: () => Promise.resolve() };
  return { engine, keys: keyStore(engine), verifyOnlyKeys: verifyOnlyKeyStore(engine) };
}

/** Steps of the files of key-encryption keys: whatever is done to them. */
function watchFiles(): void {
  const { open } = fs;
  const watched: Partial<typeof fs> = {
    async open(path, flags, mode) {
      const file = await open(path, flags, mode);
      if (flags === 'r') return file;
      await pass('open');
      const writeFile = file.writeFile.bind(file);
      file.writeFile = async (...args) => {
        await writeFile(...args);
        await pass('writeFile');
      };
      return file;
    },
  };
  for (const name of ['link', 'unlink', 'rename', 'rm'] as const) {
    const call = fs[name] as (...args: unknown[]) => Promise<void>;
    watched[name] = async (...args: unknown[]) => {
      await call(...args);
      await pass(name);
    };
  }
  Object.assign(fs, watched);
  syncBuiltinESMExports();
}

const changes: Record<Change, (config: Config) => Promise<unknown>> = {
  'a first start': (config) => openOffice(config),
  'a rotation': async (config) => rotateKeys(await openOffice(config), { force: true, cause }),
  'a revocation of the signer': async (config) => revoke(await openOffice(config), 'active'),
  'a revocation of the standby': async (config) => revoke(await openOffice(config), 'standby'),
  'a scheduled turn': async (config) => {
    let ahead = 0;
    const { keyring } = await openOffice(config, () => systemClock() + ahead);
    for (ahead of later) await keyring.refresh();
  },
  'a rewrap': async (config) => {
    // As `keys rewrap` does it, and then `keys rewrap --discard-old`.
    const { keys: store, verifyOnlyKeys: verifyOnly } = openStores(config);
    const load = () => loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
    const rewrap = () => rewrapKeys({ store, verifyOnly, clock: systemClock }, load, cause);
    await addKeyEncryptionKey(config.keysDir, (await rewrap()).sealing);
    await rewrap();
    await removeOlderKeyFiles(config.keysDir, (await rewrap()).sealing);
  },
};

async function openOffice(config: Config, clock = systemClock): Promise<KeyOffice> {
  const stores = openStores(config);
  await migrate({ ...stores.engine, withoutHurry: (work) => work(stores.engine.db) });
  return openKeyring(config, {
    stores,
    clock,
    log: pino({ level: 'silent' }),
    actor: { kind: 'schedule' },
    isServer: true,
  });
}

function revoke(office: KeyOffice, state: 'active' | 'standby'): Promise<unknown> {
  const key = office.keyring.plan.states.find((each) => each.state === state)?.key;
  return revokeKey(office, key?.kid ?? '', cause);
}

/** What waits for good. Were it forgotten, its database would be closed, which no kill does. */
const stopped: (() => void)[] = [];

/** Resolves behind step number `step`, from where `work` goes on no more; with null when it is over before. */
function stopBehind(step: number, work: () => Promise<unknown>): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let left = step;
    const stopThere: Pass = async (name) => {
      left -= 1;
      if (left >= 0) return;
      resolve(name);
      await new Promise<void>((goOn) => stopped.push(goOn));
    };
    passes.run(stopThere, work).then(() => {
      resolve(null);
    }, reject);
  });
}

async function stopEverywhere(root: string): Promise<Stop[]> {
  watchFiles();
  const stops: Stop[] = [];
  for (const change of Object.keys(changes) as Change[])
    for (let step = 0; ; step += 1) {
      const folder = `${root}/${change.replaceAll(' ', '-')}-${step}`;
      if (change !== 'a first start') await fs.cp(`${root}/used`, folder, { recursive: true });
      else await fs.mkdir(folder);
      const behind = await stopBehind(step, () => changes[change](configFor(folder)));
      if (behind === null) break;
      stops.push({ change, step, behind, folder });
    }
  return stops;
}

const [task, folder = ''] = process.argv.slice(2);
if (task === 'every-step') process.send?.(await stopEverywhere(folder));
else {
  const office = await openOffice(configFor(folder, settings));
  process.send?.('begun');
  for (;;) await rotateKeys(office, { force: true, cause });
}
