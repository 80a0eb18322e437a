import type { KeyRecord } from './store.ts';
import { thumbprintOf } from './thumbprint.ts';

/** What a constraint of the database sees to, as long as nobody has taken that away. */
export function findDoubles(kids: readonly string[]): ReadonlySet<string> {
  const [once, doubles] = [new Set<string>(), new Set<string>()];
  for (const kid of kids) (once.has(kid) ? doubles : once).add(kid);
  return doubles;
}

/** Whether a kid that could be an RFC 7638 thumbprint is that of the key. One that was imported may have another name. */
export async function isOwnName(key: KeyRecord): Promise<boolean> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(key.kid)) return true;
  return key.kid === (await thumbprintOf(key));
}
