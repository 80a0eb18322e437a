/** A backup that is taken under load, restored to another database, and served from there. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Account } from '../load/book.ts';
import { type Select, factsOf, findLost } from '../load/facts.ts';
import { runJson } from '../process.ts';
import { newServer } from '../server.ts';
import type { Site } from '../load/site.ts';

/** So many of the first accounts sign in at the restored server: hardly anybody uses these any more. */
const MOST_LOGINS = 3;

export type Backup = {
  readonly site: Site;
  /** Of the servers that are backed up. */
  readonly environment: Record<string, string>;
  /** A file that is not there. */
  readonly file: string;
  /** An empty database. */
  readonly target: string;
};

/** What was acknowledged before it began is in it, and in what comes of it. */
export async function backUpAndRestore({ site, environment, file, target }: Backup): Promise<void> {
  const { book } = site;
  const facts = factsOf(book);
  const enabled = book.accounts
    .filter((account) => isEnabled(account) && account.disablings % 2 === 0)
    .slice(0, MOST_LOGINS)
    .map((account) => ({ account, disablings: account.disablings }));
  const backup = await runJson('scripts/backup.ts', [file], environment);
  // The backup may have caught the others while they were disabled.
  const undisturbed = enabled.filter(({ account, disablings }) => account.disablings === disablings);
  if (backup.code !== 0) {
    book.breach('a backup failed', backup);
    return;
  }
  const leaving = new Set(book.accounts.filter((account) => !isThere(account)).map(({ id }) => id));
  for (const [where, url] of [
    ['the backup', `sqlite:${file}`],
    ['what was restored', target],
  ] as const) {
    if (url === target) {
      const move = ['--from', `sqlite:${file}`, '--to', target];
      const restored = await runJson('scripts/migrate.ts', move, environment);
      if (restored.code !== 0) book.breach('a backup could not be restored', restored);
    }
    const lost = await withSelect(url, (select) => findLost(facts, select, leaving));
    for (const what of lost) book.breach(`${where} lacks what was acknowledged`, what);
  }
  await signInAgain(
    site,
    { ...environment, DATABASE_URL: target },
    undisturbed.map(({ account }) => account).filter(isEnabled),
  );
  book.acknowledge('backups restored');
}

function isThere({ state, isLeaving }: Account): boolean {
  return state !== 'deleted' && !isLeaving;
}

function isEnabled(account: Account): boolean {
  return account.state === 'enabled' && isThere(account);
}

async function signInAgain(site: Site, environment: Record<string, string>, accounts: readonly Account[]) {
  const server = await newServer(environment);
  try {
    await server.start();
    for (const { username, password, address } of accounts) {
      const form = { grant_type: 'password', username, password };
      const ask = { name: 'log in, restored', method: 'POST', path: '/token', form, address } as const;
      const answer = await site.send(server.url, ask);
      if (answer.kind !== 'reply' || answer.status !== 200)
        site.book.breach('nobody can sign in where the backup was restored', answer);
    }
  } finally {
    await server.kill();
  }
}

/** Past the servers. */
export async function withSelect<T>(url: string, work: (select: Select) => Promise<T>): Promise<T> {
  if (url.startsWith('sqlite:')) {
    const database = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5_000 });
    try {
      return await work(async (statement) => database.prepare(statement).all());
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async (statement) => (await client.query<Record<string, unknown>>(statement)).rows);
  } finally {
    await client.end();
  }
}
