/** Tessera as its users have it: a folder of its own, and a port of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { whenTestEnds } from './test-end.ts';

export type Installation = {
  readonly folder: string;
  readonly url: string;
  readonly environment: Record<string, string>;
};

/** A fresh folder and a free port; the folder is removed when the test ends. */
export async function newInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  const installation = await createInstallation(environment);
  whenTestEnds(() => removeInstallation(installation));
  return installation;
}

/** Removed by whoever asks. */
export async function createInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  const [folder, port] = await Promise.all([mkdtemp(join(tmpdir(), 'tessera-')), freePort()]);
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    environment: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      DATABASE_URL: `sqlite:${folder}/data/tessera.db`,
      KEYS_DIR: `${folder}/keys`,
      LOG_LEVEL: 'warn',
      // Quick to make. RS256, the default, is what the README's walk-through is run with, and the lane app.
      KEY_ALGORITHM: 'ES256',
      // One address asks for everything here.
      RATE_LIMITS: 'off',
      ...environment,
    },
  };
}

export function removeInstallation({ folder }: Installation): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/** The same with other settings. */
export function changeSettings(installation: Installation, changes: Record<string, string>): Installation {
  return { ...installation, environment: { ...installation.environment, ...changes } };
}

export function portOf({ url }: Pick<Installation, 'url'>): number {
  return Number(new URL(url).port);
}
