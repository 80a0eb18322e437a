import type pg from 'pg';
import { isFatal, isReadOnly, translated } from './faults.ts';
import { Unavailable } from '../../unavailable.ts';
import type { Pool } from './pool.ts';
import type { Presence } from './presence.ts';
import { storable } from './text.ts';

/** Milliseconds for which the server may take to see connections off. */
const farewell = 1000;

/** The pool as Kysely wants it: faults translated, no wait for a server that is away, no connection used again that is doubtful. */
export function guardedPool({ pg: pool, hangUp }: Pool, presence: Presence) {
  return {
    options: pool.options,
    async end() {
      presence.close();
      const timer = setTimeout(hangUp, farewell);
      await pool.end();
      timer.unref();
    },
    async connect() {
      let isWanted = true;
      const arrival = () =>
        pool.connect().then((client) => {
          // Whoever asked for it was told that the server is away.
          if (!isWanted) client.release(true);
          return client;
        });
      try {
        return new GuardedClient(await presence.watch(arrival), { presence, hangUp });
      } catch (error) {
        isWanted = false;
        throw translated(error);
      }
    },
  };
}

class GuardedClient {
  readonly #client: pg.PoolClient;
  readonly #around: { readonly presence: Presence; readonly hangUp: () => void };
  #isDoubtful = false;
  /** What the connection died of. */
  #death: Error | null = null;

  constructor(client: pg.PoolClient, around: { readonly presence: Presence; readonly hangUp: () => void }) {
    this.#client = client;
    this.#around = around;
  }

  async query(sql: string, parameters: readonly unknown[]) {
    // A rollback on a dead connection would wait for a reply once more, and hide what the death was.
    if (this.#death !== null) throw this.#death;
    try {
      return await this.#around.presence.watch(() => this.#client.query(sql, parameters.map(storable)));
    } catch (error) {
      const fault = translated(error);
      if (fault instanceof Unavailable) this.#isDoubtful = true;
      if (isFatal(error) || isReadOnly(error)) this.#death = fault;
      // The server that has taken over answers to the same name: connections of before lead to the one that it was.
      if (isReadOnly(error)) this.#around.hangUp();
      throw fault;
    }
  }

  release(discard = false): void {
    this.#client.release(discard || this.#isDoubtful);
  }
}
