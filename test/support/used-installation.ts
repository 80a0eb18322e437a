import { cp } from 'node:fs/promises';
import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openKeyring } from '../../src/open-keyring.ts';
import { createReadyKeys } from './ready-keys.ts';
import { type Installation, createInstallation, newInstallation } from './installation.ts';
import { openPatiently } from './database/open-patiently.ts';

const algorithm = { KEY_ALGORITHM: 'RS256' };

/** Made once in each worker, and gone with the folder of the run. */
let template: Promise<Installation> | undefined;

/** An installation as a server that has run before leaves it: all have the same two keys, each in a folder of its own. */
export async function usedInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  template ??= createTemplate();
  const [{ folder }, installation] = await Promise.all([template, newInstallation({ ...algorithm, ...environment })]);
  await cp(folder, installation.folder, { recursive: true });
  return installation;
}

async function createTemplate(): Promise<Installation> {
  const installation = await createInstallation(algorithm);
  const config = readConfig(installation.environment);
  const database = await openPatiently(config.databaseUrl);
  const log = pino({ level: 'silent' });
  const deps = { stores: database, clock: systemClock, log, actor: { kind: 'schedule' }, isServer: true } as const;
  await openKeyring(config, { ...deps, generateKeyPair: createReadyKeys() });
  await database.close();
  return installation;
}
