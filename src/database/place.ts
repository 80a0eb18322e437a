import type { Engine } from './engine.ts';
import { parseAddress } from './postgres/address.ts';
import type { PoolSettings } from './postgres/pool.ts';
import { fileOf } from './sqlite/address.ts';
import type { Access } from './sqlite/dialect.ts';
import { sqliteEngine } from './sqlite/engine.ts';
import { Unavailable } from '../unavailable.ts';

/** The database cannot be opened or brought up to date; the message says which and why. */
export class UnusableDatabase extends Error {
  override readonly name = 'UnusableDatabase';
}

/** Nothing was moved, since it would have been wrong to; the message says why. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
}

export type Place = {
  /** In words that hold no password. */
  readonly name: string;
  /** Where only reading is allowed nothing is made: a file must be there. */
  open(pool: PoolSettings, access?: Access): Promise<Engine>;
};

/** What a URL names: `sqlite:FILE` or `postgres://…`. Throws `UnusableDatabase` for what names nothing. */
export function placeOf(url: string): Place {
  try {
    if (url.startsWith('sqlite:')) {
      const file = fileOf(url);
      return { name: file, open: async (pool, access) => sqliteEngine(file, undefined, access, pool) };
    }
    // What stands behind one slash would pass for the name of a database, and be shown.
    if (!/^postgres(?:ql)?:\/\/.*$/.test(url))
      throw new RangeError('it is neither sqlite:FILE nor postgres://user:password@host:5432/database');
    const address = parseAddress(url);
    // Loaded for those who use it: it would make every other start longer.
    const open = async (pool: PoolSettings) => (await import('./postgres/engine.ts')).postgresEngine(address.url, pool);
    return { name: address.shown, open };
  } catch (error) {
    throw new UnusableDatabase(`The URL of a database cannot be used: ${(error as Error).message}`);
  }
}

/** Opens a place for the length of `work`. What goes wrong on the way is `UnusableDatabase`. */
export async function usePlace<T>(
  place: Place,
  { pool, access }: { pool: PoolSettings; access: Access },
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await explained(place, () => place.open(pool, access));
  try {
    return await explained(place, () => work(engine));
  } finally {
    await engine.db.destroy();
  }
}

/** Has what goes wrong in `work` say of which place it is. */
export async function explained<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnusableDatabase || error instanceof MoveRefused) throw error;
    const { message, cause } = error as Error;
    const reason = error instanceof Unavailable && cause instanceof Error ? cause.message : message;
    throw new UnusableDatabase(`The database ${place.name} cannot be used: ${reason}`, { cause: error });
  }
}
