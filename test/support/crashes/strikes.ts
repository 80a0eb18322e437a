/** What is done to servers and database while the load goes on, one after another, and what must come of it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import { type PostgresServer, administer } from '../postgres-server.ts';
import { backUpAndRestore } from './backups.ts';
import { noteStandbys } from '../load/key-keeper.ts';
import { runJson } from '../process.ts';
import type { Server } from '../server.ts';
import type { Site } from '../load/site.ts';
import type { Say } from '../outcome.ts';

/** Milliseconds. */
const AWAY_FOR = 1_200;
const READY_WITHIN = 3_000;

export type Struck = {
  readonly site: Site;
  readonly servers: readonly Server[];
  readonly postgres: PostgresServer;
  /** Of a command line over the same database. */
  readonly environment: Record<string, string>;
  readonly folder: string;
  readonly say: Say;
  /** Milliseconds that servers took to start again. */
  readonly starts: number[];
};

type Strike = { readonly name: string; readonly strike: (struck: Struck, round: number) => Promise<void> };

/** In this order, over and over. */
export const strikes: readonly Strike[] = [
  { name: 'a server is killed', strike: killServer },
  { name: 'PostgreSQL is restarted', strike: (struck) => restartDatabase(struck, 'stop') },
  { name: 'a server is stopped', strike: stopServer },
  { name: 'a server is killed in the midst of a rotation by command', strike: killInRotation },
  { name: 'a backup is taken and restored', strike: backUp },
  { name: 'PostgreSQL crashes', strike: (struck) => restartDatabase(struck, 'crash') },
  { name: 'a server is killed while PostgreSQL is away', strike: killWithoutDatabase },
];

/** All of them in `duration` milliseconds, again and again where there is time. */
export async function strikeAll(
  struck: Struck,
  { duration, calm, chosen = strikes }: { duration: number; calm: LimitFunction; chosen?: readonly Strike[] },
): Promise<void> {
  const rounds = Math.max(1, Math.round(duration / (chosen.length * 25_000)));
  const interval = duration / (rounds * chosen.length + 0.5);
  const startedAt = Date.now();
  for (let done = 0; done < rounds * chosen.length; done += 1) {
    await sleep(Math.max(0, startedAt + (done + 0.5) * interval - Date.now()));
    const { name, strike } = chosen[done % chosen.length] ?? { name: '', strike: killServer };
    struck.say(name);
    await calm(() => strike(struck, done));
  }
  await sleep(Math.max(0, startedAt + duration - Date.now()));
}

function chooseServer({ servers }: Struck, round: number): Server {
  const server = servers[round % servers.length];
  if (server === undefined) throw new Error('there is no server');
  return server;
}

async function killServer(struck: Struck, round: number): Promise<void> {
  const server = chooseServer(struck, round);
  const end = struck.site.outages.begin('killed', server.url);
  await server.kill();
  await sleep(AWAY_FOR);
  struck.starts.push(await server.start());
  end();
}

async function stopServer(struck: Struck, round: number): Promise<void> {
  const server = chooseServer(struck, round);
  const end = struck.site.outages.begin('stopped', server.url);
  const code = await server.stop();
  if (code !== 0) struck.site.book.breach('a server did not stop as it should', { code });
  await sleep(AWAY_FOR);
  struck.starts.push(await server.start());
  end();
}

async function restartDatabase(struck: Struck, how: 'stop' | 'crash'): Promise<void> {
  const end = struck.site.outages.begin('database');
  await struck.postgres[how]();
  await sleep(AWAY_FOR);
  await struck.postgres.start();
  end();
  await expectReady(struck);
}

/** None is restarted for it, and none needs to be asked twice. */
async function expectReady({ site, servers }: Struck): Promise<void> {
  const backAt = Date.now();
  for (const { url } of servers) {
    while (!(await isReady(url)) && Date.now() - backAt < 10 * READY_WITHIN) await sleep(50);
    const took = Date.now() - backAt;
    if (took > READY_WITHIN) site.book.breach('a server was not ready again in time', { url, took });
  }
}

async function isReady(url: string): Promise<boolean> {
  const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await reply?.arrayBuffer();
  return reply?.status === 200;
}

/** A command that loads for half a second and then rotates. Two of them at once may conflict, and nothing else. */
async function killInRotation(struck: Struck, round: number): Promise<void> {
  const { site, environment } = struck;
  const { book } = site;
  await noteStandbys(site);
  const rotate = async (wait: number) => {
    await sleep(wait);
    const finished = await runJson('scripts/keys.ts', ['rotate', '--force'], environment);
    const { kid, previous_kid: previous } = (finished.output ?? {}) as Record<string, unknown>;
    if (finished.code === 0 && typeof kid === 'string' && typeof previous === 'string') {
      book.rotations.push({ kid, previous });
      book.acknowledge('rotations by command');
    } else if (finished.code !== 5) book.breach('a rotation by command failed', finished);
  };
  await Promise.all([rotate(0), rotate(200), sleep(600).then(() => killServer(struck, round))]);
}

/** It cannot start without the database, so that is back first. */
async function killWithoutDatabase(struck: Struck, round: number): Promise<void> {
  const { site, postgres } = struck;
  const server = chooseServer(struck, round);
  const endDatabase = site.outages.begin('database');
  const endServer = site.outages.begin('killed', server.url);
  await Promise.all([postgres.crash(), server.kill()]);
  await sleep(AWAY_FOR);
  await postgres.start();
  endDatabase();
  struck.starts.push(await server.start());
  endServer();
  await expectReady(struck);
}

async function backUp({ site, environment, postgres, folder }: Struck, round: number): Promise<void> {
  const name = `restored_${round}`;
  await administer(postgres.url, `create database ${name}`);
  const file = join(folder, `${name}.db`);
  await backUpAndRestore({ site, environment, file, target: postgres.url + name });
}
