/** What is refused where NODE_ENV is production: what exists for trying things out, and would be a hole there. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** The settings that the rules are about. */
export type ProductionSettings = {
  readonly rateLimits: 'on' | 'off';
  readonly databaseUrl: string;
  readonly keysDir: string;
  readonly keyEncryptionKey: string | undefined;
  /** Whether a key-encryption key beside the database is meant. */
  readonly keyBesideDatabase: 'allow' | 'refuse';
};

/** The faults that only production has, one sentence each. */
export function findProductionFaults(settings: ProductionSettings): string[] {
  return [...(settings.rateLimits === 'off' ? [unlimited] : []), ...keyPlaceFaults(settings)];
}

const unlimited = 'RATE_LIMITS: off exists for load tests; it is refused where NODE_ENV is production';

/** Who copies the one folder, or a folder that holds both, should not have the key to what is sealed in the other. */
function keyPlaceFaults({ databaseUrl, keysDir, keyEncryptionKey, keyBesideDatabase }: ProductionSettings): string[] {
  if (keyEncryptionKey !== undefined || keyBesideDatabase === 'allow' || !databaseUrl.startsWith('sqlite:')) return [];
  const database = dirname(realPath(databaseUrl.slice('sqlite:'.length)));
  const keys = realPath(keysDir);
  if (!isBeside(keys, database)) return [];
  return [
    `KEYS_DIR: the key-encryption key in ${keys} would lie beside the database in ${database}, so that one copy or backup ` +
      'could hold both, which is refused where NODE_ENV is production. Have KEYS_DIR elsewhere, not in the same folder, ' +
      'or give KEY_ENCRYPTION_KEY from a secret store, or say KEY_BESIDE_DATABASE=allow',
  ];
}

/** The same folder, one in the other, or two in one. */
function isBeside(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one) || dirname(one) === dirname(other);
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** Without links, as far as it exists: what does not will be made there. */
function realPath(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const parent = dirname(whole);
    return parent === whole ? whole : join(realPath(parent), basename(whole));
  }
}
