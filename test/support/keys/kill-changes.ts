/** What `kill-worker.ts` does, and `kills.test.ts` looks at. */
import { type Config, readConfig } from '../../../src/config/config.ts';

export type Change =
  | 'a first start'
  | 'a rotation'
  | 'a revocation of the signer'
  | 'a revocation of the standby'
  | 'a scheduled turn'
  | 'a rewrap';

const day = 86_400;

/** Seconds from now: the standby has taken over, and has for so long that the key before it is gone. */
export const later = [31 * day, 32 * day] as const;

/** An installation in a folder of its own, whose keys cost next to nothing. */
export function configFor(folder: string, settings: Record<string, string> = {}): Config {
  return readConfig({
    KEY_ALGORITHM: 'ES256',
    DATABASE_URL: `sqlite:${folder}/tessera.db`,
    KEYS_DIR: `${folder}/keys`,
    ...settings,
  });
}
