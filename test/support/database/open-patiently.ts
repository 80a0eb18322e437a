import { type OpenDatabase, defaultDatabaseSettings, openDatabase } from '../../../src/database/open.ts';

/** Opens a database as a server does, but waits longer for a connection: the machine may be busy with other tests. */
export function openPatiently(url: string): Promise<OpenDatabase> {
  return openDatabase(url, { ...defaultDatabaseSettings, connectionTimeout: 30 });
}
