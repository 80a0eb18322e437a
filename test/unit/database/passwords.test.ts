/** Whatever DATABASE_URL looks like, and however far a start gets with it: what is said of it holds no password. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { describeFatalError } from '../../../src/server/fatal-error.ts';

const password = 'hunter2Zq';

/** Where nothing listens, and where no file can be. */
const nowhere = '127.0.0.1:1';
const noFile = '/dev/null/x';

const forms = [
  // As it should be, and nearly so.
  `postgres://ada:${password}@${nowhere}/x`,
  `postgresql://ada:${password}@${nowhere}/x?sslmode=disable`,
  `POSTGRES://ada:${password}@${nowhere}/x`,
  `"postgres://ada:${password}@${nowhere}/x"`,
  `DATABASE_URL=postgres://ada:${password}@${nowhere}/x`,
  `postgres:ada:${password}@${nowhere}/x`,
  `postgres:/ada:${password}@${nowhere}/x`,
  `postgres//ada:${password}@${nowhere}/x`,
  `//ada:${password}@${nowhere}/x`,
  `ada:${password}@${nowhere}/x`,
  `postgres://ada:${password}@${nowhere}/x\npostgres://`,
  `postgres://:${password}@${nowhere}/x`,
  `postgres://ada@${password}@${nowhere}/x`,
  `postgres://ada:${password}@${nowhere}:2/x`,
  `postgres://ada:${password}@127.0.0.1:99999/x`,
  `postgres://ada:${password}@[::1/x`,
  `postgres://ada:${password}@/x`,
  `postgres://ada:${password}%zz@${nowhere}/x`,
  // A password that is not percent-encoded.
  ...['/', '?', '#', '@', ':', '%', '\\', ' ', '&', '='].flatMap((character) => [
    `postgres://ada:${password}${character}y@${nowhere}/x`,
    `postgres://ada:12${character}${password}@${nowhere}/x`,
    `postgres://ada:12${character}${password}=@${nowhere}/x`,
    `postgres://ada:12${character}x=${password}@${nowhere}/x`,
  ]),
  // Parameters, where they belong and where not.
  `postgres://${nowhere}/x?user=ada&password=${password}`,
  `postgres://${nowhere}/x?${password}`,
  `postgres://${nowhere}/x?${password}=`,
  `postgres://${nowhere}/x?host=/tmp;password=${password}`,
  `postgres:///x?host=/nowhere;password=${password}`,
  ...['&', ';', ' ', '/', ',', '%20', '%26', '%3B'].flatMap((separator) => [
    `postgres://${nowhere}/x${separator}password=${password}`,
    `postgres://127.0.0.1${separator}password=${password}/x`,
  ]),
  // As other programs have it.
  `jdbc:postgresql://${nowhere}/x?user=ada&password=${password}`,
  `postgresql+asyncpg://ada:${password}@${nowhere}/x`,
  `psql://ada:${password}@${nowhere}/x`,
  `mysql://ada:${password}@${nowhere}/x`,
  `host=127.0.0.1 port=1 user=ada password=${password} dbname=x`,
  `host=127.0.0.1 user=ada password='${password}'`,
  `Host=127.0.0.1;Username=ada;Password=${password};Database=x`,
  `${nowhere}:x:ada:${password}`,
  `{"host":"127.0.0.1","password":"${password}"}`,
  password,
  `postgres://${nowhere}/ada:${password}`,
  `postgres://${nowhere}/x ${password}`,
  // Behind the name of SQLite.
  `sqlite:ada:x/${password}@${nowhere}`,
  `sqlite://ada:${password}@${nowhere}/x`,
  `sqlite://ada:${password}/y@${nowhere}/x`,
  `sqlite:ada:${password}@${nowhere}`,
  `sqlite:postgres://ada:${password}@${nowhere}/x`,
  `sqlite:${noFile}?password=${password}`,
  `sqlite://${noFile}?key=${password}`,
  `sqlite:${noFile};Password=${password}`,
  `sqlite:Data Source=${noFile};Password=${password}`,
  `sqlite:host=${noFile} password=${password}`,
  `file:${noFile}?password=${password}`,
];

async function saidOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return '';
  } catch (error) {
    return describeFatalError(error, 'Tessera cannot start');
  }
}

describe('what is said of a database that cannot be used', () => {
  it.each(forms)('holds no password: %j', async (url) => {
    const ISSUER = 'https://tokens.example.com';
    const said = [
      await saidOf(() => readConfig({ DATABASE_URL: url })),
      await saidOf(() => readConfig({ NODE_ENV: 'production', ISSUER, DATABASE_URL: url })),
      // As `migrate --from` has it, and a start with what the settings have let through.
      await saidOf(() => openDatabase(url)),
    ];
    expect(said.join('')).not.toBe('');
    expect(said.join('\n').toLowerCase()).not.toContain(password.toLowerCase());
  });
});
