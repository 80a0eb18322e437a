import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database/open.ts';
import { openKeyring } from '../../src/open-keyring.ts';
import { type Installation, newInstallation } from './process.ts';

/** Makes installations as a server that has run before leaves them: all with the same two keys, each in a folder of its own. */
export function usedInstallations(): (environment?: Record<string, string>) => Promise<Installation> {
  let past = '';
  beforeAll(async () => {
    past = await mkdtemp(join(tmpdir(), 'tessera-'));
    const config = readConfig({ DATABASE_URL: `sqlite:${past}/data/tessera.db`, KEYS_DIR: `${past}/keys` });
    const database = await openDatabase(config.databaseUrl);
    await openKeyring(config, {
      stores: database,
      clock: systemClock,
      log: pino({ level: 'silent' }),
      actor: { kind: 'schedule' },
    });
    await database.close();
  });
  afterAll(() => rm(past, { recursive: true }));

  return async (environment = {}) => {
    // Many processes load the same code.
    const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url));
    const installation = await newInstallation({ NODE_COMPILE_CACHE, ...environment });
    await cp(past, installation.folder, { recursive: true });
    return installation;
  };
}
