import { cp } from 'node:fs/promises';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database/open.ts';
import { openKeyring } from '../../src/open-keyring.ts';
import { type Installation, createInstallation, newInstallation, removeInstallation } from './installation.ts';

let past: Promise<Installation> | undefined;

afterAll(async () => {
  if (past !== undefined) await removeInstallation(await past);
});

/** An installation as a server that has run before leaves it: all have the same two keys, each in a folder of its own. */
export async function usedInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  past ??= createPast();
  const [{ folder }, installation] = await Promise.all([past, newInstallation(environment)]);
  await cp(folder, installation.folder, { recursive: true });
  return installation;
}

async function createPast(): Promise<Installation> {
  const installation = await createInstallation();
  const config = readConfig(installation.environment);
  const database = await openDatabase(config.databaseUrl);
  const log = pino({ level: 'silent' });
  await openKeyring(config, { stores: database, clock: systemClock, log, actor: { kind: 'schedule' } });
  await database.close();
  return installation;
}
