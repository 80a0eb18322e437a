import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { KeyWatch } from '../engine.ts';
import type { Connection } from './address.ts';

/** The channel of NOTIFY. */
export const keysChannel = 'tessera_keys';

/** Milliseconds. Nothing is known meanwhile, so that everything may have changed by then. */
const every = 1000;

/** Milliseconds after which a connection that was lost is made anew, if it had lasted. */
const atOnce = 50;

/**
 * Listens on a connection of its own, which is asked every second whether it still is one. While there is none, `onChange`
 * is called every second: where nobody can listen, the keys are looked at instead. Comes to be without waiting for any of it.
 */
export function watchKeys(connection: Connection, onChange: () => void): KeyWatch {
  const closing = new AbortController();
  const isClosed = () => closing.signal.aborted;
  const over = keepListening();

  async function keepListening(): Promise<void> {
    while (!isClosed()) {
      const begunAt = performance.now();
      await listen(connection, onChange, closing.signal);
      if (isClosed()) return;
      onChange();
      await pause(Math.max(atOnce, every - (performance.now() - begunAt)), closing.signal);
    }
  }

  return {
    close: () => {
      closing.abort();
      return over;
    },
  };
}

/** Resolves when the connection is lost, could not be had, or is wanted no more. */
async function listen(connection: Connection, onChange: () => void, closing: AbortSignal): Promise<void> {
  // Neither that it listens nor that it is lost is a reason for the process to go on.
  const socket = new Socket().unref();
  const client = new pg.Client({
    ...connection,
    stream: () => socket,
    connectionTimeoutMillis: every,
    query_timeout: every,
  });
  const lost = new AbortController();
  const signal = AbortSignal.any([closing, lost.signal]);
  client.on('error', () => undefined);
  client.on('notification', onChange);
  client.once('end', () => {
    lost.abort();
  });
  const hangUp = () => socket.destroy();
  closing.addEventListener('abort', hangUp);
  try {
    await client.connect();
    await client.query(`listen ${keysChannel}`);
    // What has changed before may not have been heard.
    onChange();
    while (!signal.aborted) {
      await pause(every, signal);
      await client.query('select 1');
    }
  } catch {
    // Whoever calls comes again.
  } finally {
    closing.removeEventListener('abort', hangUp);
    hangUp();
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { ref: false, signal }).catch(() => undefined);
}
