import { cp } from 'node:fs/promises';
import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config/config.ts';
import { openKeyring } from '../../src/server/open-keyring.ts';
import { createReadyKeys } from './ready-keys.ts';
import { type Installation, createInstallation, newInstallation } from './installation.ts';
import { openPatiently } from './database/open-patiently.ts';

const algorithm = { KEY_ALGORITHM: 'RS256' };

/** Seconds for which a template is copied. A standby that is missing in a copy is overdue after 75, by the settings of every day. */
const copiedFor = 30;

/** Made in each worker, and gone with the folder of the run. */
let template: { readonly installation: Promise<Installation>; readonly madeAt: number } | undefined;

/** An installation as a server that has just run leaves it: all have the same two keys, each in a folder of its own. */
export async function usedInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  const now = performance.now() / 1000;
  if (template === undefined || now - template.madeAt > copiedFor)
    template = { installation: createTemplate(), madeAt: now };
  const [{ folder }, installation] = await Promise.all([
    template.installation,
    newInstallation({ ...algorithm, ...environment }),
  ]);
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
