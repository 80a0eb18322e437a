import { Socket } from 'node:net';
import pg from 'pg';
import type { Connection } from './address.ts';
import { PostgresFault } from './faults.ts';
import { numberOr } from '../integers.ts';
import { readText } from './text.ts';

/** Durations in seconds. */
export type PoolSettings = {
  /** The most connections of one process. */
  readonly size: number;
  /** After which a statement is given up, here and by the server; 0 for never. */
  readonly statementTimeout: number;
  /** For which a request waits for a connection, be it a new one or one that others use; else what the URL says, or 2. */
  readonly connectionTimeout?: number;
  /** Integers that no number of JavaScript is come as bigints; else they come as numbers near them, or not at all. */
  readonly exactIntegers?: boolean;
};

export type Pool = {
  readonly pg: pg.Pool;
  /** Cuts every connection, without a word to the other end, which may not listen. */
  readonly hangUp: () => void;
};

/** Seconds. A caller that waits any longer is better told to come again. */
const patience = 2;

/** Milliseconds by which the server should have given a statement up: if it has not said so, the connection is dead. */
const margin = 1000;

/** The driver gives bigints as text: moments and counts are far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);
types.setTypeParser(pg.types.builtins.TEXT, readText);

const exactTypes = new pg.TypeOverrides();
exactTypes.setTypeParser(pg.types.builtins.INT8, (text) => numberOr(BigInt(text)));
exactTypes.setTypeParser(pg.types.builtins.TEXT, readText);

/** The driver waits for what it returns, though its types do not say so. */
const greeting = { onConnect: prepareConnection };

export function createPool(
  connection: Connection,
  { size, statementTimeout, connectionTimeout, exactIntegers = false }: PoolSettings,
): Pool {
  const timeout = statementTimeout * 1000;
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    connectionTimeoutMillis: patience * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...connection,
    stream: () => kept(new Socket()),
    max: size,
    ...(connectionTimeout !== undefined && { connectionTimeoutMillis: connectionTimeout * 1000 }),
    idleTimeoutMillis: 30_000,
    ...(timeout > 0 && {
      statement_timeout: timeout,
      lock_timeout: Math.min(patience * 1000, timeout),
      idle_in_transaction_session_timeout: timeout * 2,
      query_timeout: timeout + margin,
    }),
    types: exactIntegers ? exactTypes : types,
    ...greeting,
  });
  // What is lost while nobody uses it, the next request makes anew; while somebody does, the statement fails.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    pg: pool,
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
  };

  function kept(socket: Socket): Socket {
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  }
}

/**
 * A server that only reads is a standby, or one that another has taken over from: what it says may be out of date, such as
 * that a token is not revoked.
 *
 * Rows are read by an index, a few from its beginning. A planner whose statistics take all that an account has for little would
 * rather sort it, however much it is, and one that takes it for most of a table would look through that: so it is to do
 * either only where no index helps. Versions before 18 take what is left then for a costly query, which they would compile.
 */
async function prepareConnection(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ reads: boolean }>(
    `select current_setting('transaction_read_only')::bool as reads,
      set_config('enable_sort', 'off', false), set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)`,
  );
  if (rows[0]?.reads !== false) throw new PostgresFault('25006', 'the server only reads');
}
