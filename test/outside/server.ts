/** A server with a client, a process of its own for each check. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientCredentials } from '../support/jwks.ts';
import { type Server, newClient, newServer } from '../support/server.ts';

type Started = {
  /** As many as were asked for, over one database. */
  readonly servers: readonly Server[];
  readonly folder: string;
  readonly client: ClientCredentials;
};

/** Starts `count` of them, with more settings, and ends them when the work is done. */
export async function withServers<T>(
  count: number,
  work: (started: Started) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-outside-'));
  const environment = {
    DATABASE_URL: `sqlite:${folder}/tessera.db`,
    KEYS_DIR: join(folder, 'keys'),
    TRUST_PROXY: '127.0.0.1',
    ...settings,
  };
  const servers: Server[] = [];
  try {
    while (servers.length < count) {
      const server = await newServer(environment);
      servers.push(server);
      await server.start();
    }
    return await work({ servers, folder, client: await newClient(environment, 'audit:read') });
  } finally {
    for (const server of servers) await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}
