import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { ForeignKeyViolation, TransactionConflict, UniqueViolation } from '../../src/database/faults.ts';
import { isFatal, translated } from '../../src/database/postgres/faults.ts';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { Unavailable } from '../../src/unavailable.ts';
import { sql } from 'kysely';
import { newPlace } from '../support/place.ts';

const secret = 'ada@example.com';

function fromServer(code: string): DatabaseError {
  const error = new DatabaseError(`relation "users"`, 1, 'error');
  return Object.assign(error, { code, severity: 'FEHLER', detail: `Key (username)=(${secret}) already exists.` });
}

function everythingIn(error: unknown): string {
  const seen: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause)
    seen.push(each.message, each.stack ?? '', JSON.stringify(each, Object.getOwnPropertyNames(each)));
  return seen.join('\n');
}

describe('what PostgreSQL says', () => {
  it.each([
    ['23505', UniqueViolation],
    ['23503', ForeignKeyViolation],
    ['40001', TransactionConflict],
    ['40P01', TransactionConflict],
    ...['08006', '25006', '28P01', '28000', '3D000', '53100', '53300', '55P03', '57014', '57P01', '57P03', '58030'].map(
      (code) => [code, Unavailable] as const,
    ),
  ] as const)('%s becomes %o', (code, kind) => {
    const fault = translated(fromServer(code));
    expect(fault).toBeInstanceOf(kind);
    expect(everythingIn(fault)).not.toContain(secret);
  });

  it.each(['42601', '42P01', '22P02', '23502', '23514', 'P0001', 'XX000'])('%s is a fault of ours', (code) => {
    const fault = translated(fromServer(code));
    expect(fault).not.toBeInstanceOf(Unavailable);
    expect(fault).toMatchObject({ name: 'PostgresFault', code });
    expect(everythingIn(fault)).not.toContain(secret);
  });

  it('ends the connection where the server hangs up, in whatever language it says so', () => {
    const fatal = ['57P01', '57P02', '57P03', '08006', '25P03', '25P04'];
    for (const code of fatal) expect(isFatal(fromServer(code))).toBe(true);
    for (const code of ['57014', '55P03', '23505', '40001', '53100']) expect(isFatal(fromServer(code))).toBe(false);
  });
});

it('what the driver says means that the server is away; a host with two addresses is named by its code', () => {
  expect(translated(new Error('Connection terminated unexpectedly'))).toBeInstanceOf(Unavailable);
  const refused = Object.assign(new AggregateError([new Error(secret)]), { code: 'ECONNREFUSED' });
  const fault = translated(refused);
  expect(fault).toMatchObject({ cause: { message: 'ECONNREFUSED', code: 'ECONNREFUSED' } });
  expect(everythingIn(fault)).not.toContain(secret);
});

it.each([
  `select '${secret}'::int`,
  `insert into turns (name) values ('keys'), ('${secret}')`,
  `insert into turns (name) values (null)`,
  `do $$ begin raise exception '${secret}'; end $$`,
])('a real server’s words quote no value: %s', async (text) => {
  const place = await newPlace();
  const { db } = postgresEngine(place.url, { size: 1, statementTimeout: 5 });
  const fault = await sql
    .raw(text)
    .execute(db)
    .catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Error);
  expect(everythingIn(fault)).not.toContain(secret);
  await db.destroy();
  await place.remove();
});
